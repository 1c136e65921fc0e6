package io.nettrace.client.mongodb;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

import com.mongodb.spi.dns.InetAddressResolver;
import io.nettrace.NetTraceContext;
import io.nettrace.TraceRecorder;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@SuppressWarnings("try") // a scope is only opened and closed
class NetTraceMongoTests {

	private final TraceRecorder recorder = new TraceRecorder();

	private final NetTraceMongo netTrace = new NetTraceMongo(new NetTracing((request) -> this.recorder),
			LookupSettings.defaults(), LookupThreads.create());

	@Test
	void firesTheHooksAroundTheApplicationsResolver() throws UnknownHostException {
		List<InetAddress> answer = List.of(InetAddress.getByName("127.0.0.8"), InetAddress.getByName("127.0.0.9"));
		assertThat(this.netTrace.resolver((host) -> answer).lookupByName("one.test")).isEqualTo(answer);
		assertThat(this.recorder.events()).containsExactly("dnsStart one.test", "dnsDone [127.0.0.8, 127.0.0.9]");
	}

	@Test
	void theApplicationsExceptionIsTheVerySame() {
		UnknownHostException failure = new UnknownHostException("one.test");
		InetAddressResolver resolver = this.netTrace.resolver((host) -> {
			throw failure;
		});
		assertThatThrownBy(() -> resolver.lookupByName("one.test")).isSameAs(failure);
		assertThat(this.recorder.events()).containsExactly("dnsStart one.test", "dnsDone [] UnknownHostException");
	}

	@Test
	void withoutAResolverOfTheApplicationItAsksTheJvm() throws UnknownHostException {
		assertThat(this.netTrace.resolver().lookupByName("localhost"))
			.containsExactly(InetAddress.getAllByName("localhost"));
		assertThat(this.recorder.events()).first().isEqualTo("dnsStart localhost");
		assertThatThrownBy(() -> this.netTrace.resolver().lookupByName("unknown.invalid"))
			.isInstanceOf(UnknownHostException.class);
	}

	@Test
	void anAddressIsNotLookedUp() throws UnknownHostException {
		assertThat(this.netTrace.resolver().lookupByName("127.0.0.9"))
			.containsExactly(InetAddress.getByName("127.0.0.9"));
		assertThat(this.recorder.events()).isEmpty();
	}

	@Test
	void asksTheAlternateResolver() throws UnknownHostException {
		InetAddress other = InetAddress.getByName("127.0.0.7");
		try (NetTraceContext.Scope bound = NetTraceContext.current()
			.withResolver((network, host) -> List.of(other))
			.open()) {
			assertThat(this.netTrace.resolver((host) -> List.of()).lookupByName("one.test")).containsExactly(other);
		}
	}

	@Test
	void isTracedOnce() {
		InetAddressResolver traced = this.netTrace.resolver();
		assertThat(this.netTrace.resolver(traced)).isSameAs(traced);
		assertThat(NetTraceMongo.isTraced(traced)).isTrue();
		assertThat(NetTraceMongo.isTraced((host) -> List.of())).isFalse();
	}

}
