package io.nettrace.client.jetty;

import java.util.function.UnaryOperator;

import io.nettrace.NetTrace;
import io.nettrace.client.Forwarding;
import io.nettrace.client.RecordedHooks;
import io.nettrace.instrument.ForwardingNetTrace;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DeferredTraceTests {

	@Test
	void everyHookArrives() {
		Forwarding.check(NetTrace.class, (delegate) -> {
			DeferredTrace trace = new DeferredTrace();
			trace.become(delegate);
			return trace;
		});
	}

	@Test
	void whatCameBeforeArrivesInItsOrder() {
		RecordedHooks hooks = new RecordedHooks();
		DeferredTrace trace = new DeferredTrace();
		trace.dnsStart("first");
		NetTrace dial = trace.forDial();
		dial.dnsStart("second");
		trace.dnsStart("third");
		assertThat(hooks.names()).isEmpty();
		trace.become(hooks.trace());
		assertThat(hooks.all(String.class)).containsExactly("first", "second", "third");
		dial.dnsStart("fourth");
		trace.dnsStart("fifth");
		assertThat(hooks.all(String.class)).containsExactly("first", "second", "third", "fourth", "fifth");
	}

	/**
	 * A hook may make something happen. It is told after what came before.
	 */
	@Test
	void whatAHookMakesHappenComesLast() {
		RecordedHooks hooks = new RecordedHooks();
		DeferredTrace trace = new DeferredTrace();
		trace.dnsStart("first");
		trace.dnsStart("second");
		trace.become(then("first", () -> trace.dnsStart("third")).apply(hooks.trace()));
		assertThat(hooks.all(String.class)).containsExactly("first", "second", "third");
	}

	private static UnaryOperator<NetTrace> then(String host, Runnable happens) {
		return (delegate) -> new ForwardingNetTrace() {

			@Override
			protected NetTrace delegate() {
				return delegate;
			}

			@Override
			public void dnsStart(String looksUp) {
				super.dnsStart(looksUp);
				if (looksUp.equals(host)) {
					happens.run();
				}
			}

		};
	}

}
