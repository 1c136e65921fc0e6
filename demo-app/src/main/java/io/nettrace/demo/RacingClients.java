package io.nettrace.demo;

import java.time.Duration;
import java.util.Objects;

import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.client.reactor.NetTraceReactorNetty;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dial.DialSettings;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.core5.util.Timeout;
import reactor.netty.http.client.HttpClient;

import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.stereotype.Component;

/**
 * Clients with Happy Eyeballs, built by hand. An application sets
 * {@code nettrace.connect.happy-eyeballs.enabled}, and has it in all its clients; the
 * demo shows it beside others without.
 */
@Component
final class RacingClients {

	private static final DialSettings RACE = DialSettings.defaults().withFallbackDelay(Duration.ofMillis(250));

	private final NetTraceHttpComponents netTrace;

	private final NetTraceReactorNetty netTraceReactorNetty;

	private final DnsResolver names;

	RacingClients(NetTracing tracing, LookupSettings lookups, LookupThreads threads, DnsResolver names) {
		this.netTrace = new NetTraceHttpComponents(tracing, lookups, threads, RACE);
		this.netTraceReactorNetty = new NetTraceReactorNetty(tracing, lookups, threads, RACE);
		this.names = names;
	}

	/**
	 * Return a client of Reactor Netty whose addresses race.
	 * @param client the client with all settings made
	 */
	HttpClient instrument(HttpClient client) {
		return this.netTraceReactorNetty.instrument(client);
	}

	/**
	 * Return a request factory with a pool of its own.
	 * @param settings have the connect timeout
	 * @return the factory, to be destroyed
	 */
	ClientHttpRequestFactory requestFactory(HttpClientSettings settings) {
		Duration timeout = Objects.requireNonNull(settings.connectTimeout());
		HttpClientConnectionManager manager = this.netTrace.connectionManagerBuilder()
			.setDnsResolver(this.names)
			.setDefaultConnectionConfig(ConnectionConfig.custom().setConnectTimeout(Timeout.of(timeout)).build())
			.build();
		return new HttpComponentsClientHttpRequestFactory(
				this.netTrace.instrument(HttpClients.custom().setConnectionManager(manager)).build());
	}

}
