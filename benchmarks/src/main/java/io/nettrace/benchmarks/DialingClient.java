package io.nettrace.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dial.DialSettings;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.netty.channel.ChannelOption;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.util.Timeout;
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
		DnsResolver resolver = new DnsResolver() {

			@Override
			public InetAddress[] resolve(String host) {
				return addresses.stream().map(InetSocketAddress::getAddress).toArray(InetAddress[]::new);
			}

			@Override
			public List<InetSocketAddress> resolve(String host, int port) {
				return addresses;
			}

			@Override
			public String resolveCanonicalHostname(String host) {
				return host;
			}

		};
		try (CloseableHttpClient client = HttpClients.custom()
			.setConnectionManager(builder.setDnsResolver(resolver)
				.setDefaultConnectionConfig(
						ConnectionConfig.custom().setConnectTimeout(Timeout.of(CONNECT_TIMEOUT)).build())
				.build())
			.build()) {
			client.execute(new HttpGet(url(addresses)), (response) -> EntityUtils.toString(response.getEntity()));
		}
	}

	static DialingClient reactorNetty() {
		return (addresses) -> {
			try {
				HttpClient.newConnection()
					.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT_TIMEOUT.toMillis())
					.resolvedAddressesSelector((config, resolved) -> addresses)
					.get()
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
