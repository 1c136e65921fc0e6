package io.nettrace.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.client.httpcomponents.NetTraceHttpComponentsAsync;
import io.nettrace.client.jetty.NetTraceJetty;
import io.nettrace.client.reactor.NetTraceReactorNetty;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dial.DialSettings;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.netty.channel.ChannelOption;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClient;

/**
 * A client that sends one request over a new connection to a host with the addresses
 * given.
 */
@FunctionalInterface
interface DialingClient {

	/**
	 * How long each client waits for one connect.
	 */
	Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

	/**
	 * Send a request and wait for the answer.
	 * @param addresses the host's, in order and of one port
	 */
	void get(List<InetSocketAddress> addresses) throws IOException;

	static DialingClient netTrace(DialSettings race) {
		NetTraceHttpComponents netTrace = new NetTraceHttpComponents(new NetTracing(), LookupSettings.defaults(),
				LookupThreads.create(), race);
		return (addresses) -> get(netTrace.connectionManagerBuilder(), addresses);
	}

	static DialingClient httpComponents() {
		return (addresses) -> get(PoolingHttpClientConnectionManagerBuilder.create(), addresses);
	}

	private static void get(PoolingHttpClientConnectionManagerBuilder builder, List<InetSocketAddress> addresses)
			throws IOException {
		try (CloseableHttpClient client = HttpClients.custom()
			.setConnectionManager(builder.setDnsResolver(resolver(() -> addresses))
				.setDefaultConnectionConfig(
						ConnectionConfig.custom().setConnectTimeout(Timeout.of(CONNECT_TIMEOUT)).build())
				.build())
			.build()) {
			client.execute(new HttpGet(url(addresses)), (response) -> EntityUtils.toString(response.getEntity()));
		}
	}

	private static DnsResolver resolver(Supplier<List<InetSocketAddress>> addresses) {
		return new DnsResolver() {

			@Override
			public InetAddress[] resolve(String host) {
				return addresses.get().stream().map(InetSocketAddress::getAddress).toArray(InetAddress[]::new);
			}

			@Override
			public List<InetSocketAddress> resolve(String host, int port) {
				return addresses.get();
			}

			@Override
			public String resolveCanonicalHostname(String host) {
				return host;
			}

		};
	}

	/**
	 * One client for all requests: to start its threads takes longer than a connect.
	 * @param race how the addresses race, {@code null} for the library alone
	 */
	static DialingClient httpComponentsAsync(@Nullable DialSettings race) {
		AtomicReference<List<InetSocketAddress>> addresses = new AtomicReference<>(List.of());
		HttpAsyncClientBuilder builder = HttpAsyncClients.custom();
		if (race != null) {
			NetTraceHttpComponentsAsync netTrace = new NetTraceHttpComponentsAsync(new NetTracing(),
					LookupSettings.defaults(), LookupThreads.create(), race);
			netTrace
				.instrument(builder.setConnectionManager(manager(netTrace.connectionManagerBuilder(), addresses::get)));
		}
		else {
			builder.setConnectionManager(manager(PoolingAsyncClientConnectionManagerBuilder.create(), addresses::get));
		}
		CloseableHttpAsyncClient client = builder.build();
		client.start();
		return (given) -> {
			addresses.set(given);
			try {
				client.execute(SimpleRequestBuilder.get(url(given)).build(), null).get();
			}
			catch (InterruptedException | ExecutionException ex) {
				throw new IOException(ex);
			}
		};
	}

	private static PoolingAsyncClientConnectionManager manager(PoolingAsyncClientConnectionManagerBuilder builder,
			Supplier<List<InetSocketAddress>> addresses) {
		return builder.setDnsResolver(resolver(addresses))
			.setDefaultConnectionConfig(
					ConnectionConfig.custom().setConnectTimeout(Timeout.of(CONNECT_TIMEOUT)).build())
			.build();
	}

	/**
	 * Reactor Netty.
	 * @param race how the addresses race, {@code null} for the library alone
	 */
	static DialingClient reactorNetty(@Nullable DialSettings race) {
		AtomicReference<List<InetSocketAddress>> addresses = new AtomicReference<>(List.of());
		HttpClient plain = HttpClient.newConnection()
			.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT_TIMEOUT.toMillis())
			.resolvedAddressesSelector((config, resolved) -> addresses.get());
		HttpClient client = (race != null)
				? new NetTraceReactorNetty(new NetTracing(), LookupSettings.defaults(), LookupThreads.create(), race)
					.instrument(plain)
				: plain;
		return (given) -> {
			addresses.set(given);
			try {
				client.get()
					.uri("http://localhost" + TinyServer.CLOSE)
					.responseContent()
					.aggregate()
					.asString()
					.block();
			}
			catch (RuntimeException ex) {
				throw new IOException(ex);
			}
		};
	}

	/**
	 * Jetty. One client for all requests, as above.
	 * @param race how the addresses race, {@code null} for the library alone
	 */
	static DialingClient jetty(@Nullable DialSettings race) {
		AtomicReference<List<InetSocketAddress>> addresses = new AtomicReference<>(List.of());
		org.eclipse.jetty.client.HttpClient client = new org.eclipse.jetty.client.HttpClient();
		client.setConnectTimeout(CONNECT_TIMEOUT.toMillis());
		client.setSocketAddressResolver((host, port, context, promise) -> promise.succeeded(addresses.get()));
		if (race != null) {
			new NetTraceJetty(new NetTracing(), LookupSettings.defaults(), LookupThreads.create(), race)
				.instrument(client);
		}
		try {
			client.start();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
		return (given) -> {
			addresses.set(given);
			try {
				client.GET(url(given));
			}
			catch (InterruptedException | ExecutionException | TimeoutException ex) {
				throw new IOException(ex);
			}
		};
	}

	/**
	 * A new client each time, because a client remembers which addresses have failed.
	 */
	static DialingClient okHttp() {
		return (addresses) -> {
			OkHttpClient client = new OkHttpClient.Builder().fastFallback(true)
				.connectTimeout(CONNECT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
				.dns((host) -> addresses.stream().map(InetSocketAddress::getAddress).toList())
				.build();
			try (Response response = client.newCall(new Request.Builder().url(url(addresses)).build()).execute()) {
				response.body().string();
			}
			finally {
				client.dispatcher().executorService().shutdown();
				client.connectionPool().evictAll();
			}
		};
	}

	private static String url(List<InetSocketAddress> addresses) {
		return "http://" + Fixed.HOST + ":" + addresses.get(0).getPort() + TinyServer.CLOSE;
	}

	/**
	 * Send a request and measure.
	 * @return milliseconds
	 */
	default double millis(List<InetSocketAddress> addresses) {
		long start = System.nanoTime();
		try {
			get(addresses);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return (System.nanoTime() - start) / 1e6;
	}

}
