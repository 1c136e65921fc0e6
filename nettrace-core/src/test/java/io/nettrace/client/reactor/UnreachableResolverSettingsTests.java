package io.nettrace.client.reactor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiFunction;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import com.sun.net.httpserver.HttpServer;
import io.nettrace.client.OtherRelease;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A release of Netty in which a private field of the resolvers' settings has another
 * name: lookups are shown, and their queries are not.
 */
@SuppressWarnings("NullAway.Init") // the server
class UnreachableResolverSettingsTests {

	private static final String HOST = "api.example.com";

	private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());

	private final Logger logger = Logger.getLogger(DnsResolverSettings.class.getName());

	private final Handler handler = new Handler() {

		@Override
		public void publish(LogRecord entry) {
			UnreachableResolverSettingsTests.this.warnings.add(entry.getLevel() + " " + entry.getMessage());
		}

		@Override
		public void flush() {
		}

		@Override
		public void close() {
		}

	};

	private final DnsServer dns = DnsServer.start().set(HOST, DnsAnswer.addresses("127.0.0.1"));

	private HttpServer server;

	@BeforeEach
	void start() throws IOException {
		this.logger.addHandler(this.handler);
		this.server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
		this.server.createContext("/", (exchange) -> {
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		this.server.start();
	}

	@AfterEach
	void stop() {
		this.logger.removeHandler(this.handler);
		this.server.stop(0);
		this.dns.close();
	}

	@ParameterizedTest
	@CsvSource({ "DnsAddressResolverGroup, dnsResolverBuilder",
			"DnsNameResolverBuilder, dnsQueryLifecycleObserverFactory",
			"DnsNameResolverBuilder, dnsServerAddressStreamProvider" })
	@SuppressWarnings("unchecked")
	void oneWarningForAllClients(String type, String name) throws Exception {
		BiFunction<DnsServer, Integer, List<String>> clients = (BiFunction<DnsServer, Integer, List<String>>) new OtherRelease(
				"io.netty.resolver.dns." + type, name, "io.netty.", "reactor.netty.", "io.nettrace.client.")
			.newInstance(Clients.class);
		assertThat(clients.apply(this.dns, this.server.getAddress().getPort())).containsExactly(
				"204 after start, done 1", "204 after start, done 1", "204 after start, done 1",
				"by default start, done");
		assertThat(this.warnings).singleElement()
			.asString()
			.startsWith(Level.WARNING + " The settings of Netty's DNS resolvers cannot be reached")
			.contains("nettrace does not tell of their queries");
		assertThat(this.dns.received()).as("as many queries as without").hasSize(3).containsOnly("A " + HOST);
	}

	@Test
	void noWarningWhereTheyCan() {
		String told = "204 after start, A api.example.com. ANSWERED NOERROR, NAME_SERVER 1 failed 0, done 1";
		assertThat(new Clients().apply(this.dns, this.server.getAddress().getPort())).containsExactly(told, told, told,
				"by default start, done");
		assertThat(this.warnings).isEmpty();
		assertThat(this.dns.received()).hasSize(3).containsOnly("A " + HOST);
	}

	/**
	 * Three clients with resolvers of their own, and one with Reactor Netty's, which
	 * finds the name in the hosts file. Loaded anew, so it has no arguments of its own.
	 */
	static final class Clients implements BiFunction<DnsServer, Integer, List<String>> {

		private final RecordedLookups told = new RecordedLookups((server) -> false);

		@Override
		public List<String> apply(DnsServer dns, Integer port) {
			LoopResources loops = LoopResources.create("unreachable", 1, true);
			List<String> outcomes = new ArrayList<>();
			try {
				HttpClient plain = HttpClient.create(ConnectionProvider.newConnection()).runOn(loops, false);
				for (int i = 0; i < 3; i++) {
					try (DnsAddressResolverGroup group = new DnsAddressResolverGroup(resolver(dns))) {
						this.told.clear();
						Integer status = instrument(plain.resolver(group)).get()
							.uri("http://" + HOST + ":" + port + "/")
							.response()
							.map((response) -> response.status().code())
							.block(Duration.ofSeconds(20));
						outcomes.add(status + " after " + String.join(", ", this.told.of(HOST)));
					}
				}
				instrument(plain).get()
					.uri("http://localhost:" + port + "/")
					.response()
					.onErrorComplete()
					.block(Duration.ofSeconds(20));
				outcomes
					.add("by default " + String.join(", ", this.told.of("localhost")).replaceAll("done [1-9]", "done"));
			}
			finally {
				loops.dispose();
			}
			return outcomes;
		}

		private static DnsNameResolverBuilder resolver(DnsServer dns) {
			return new DnsNameResolverBuilder().datagramChannelType(NioDatagramChannel.class)
				.nameServerProvider(new SingletonDnsServerAddressStreamProvider(dns.address()))
				.resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
				.searchDomains(List.of());
		}

		private HttpClient instrument(HttpClient client) {
			return new NetTraceReactorNetty(new NetTracing(this.told), LookupSettings.defaults(),
					LookupThreads.create())
				.instrument(client);
		}

	}

}
