package io.nettrace.autoconfigure;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CRLReason;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateRevokedException;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.security.auth.x500.X500Principal;

import io.nettrace.observation.ErrorType;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.nettrace.test.RefusingAddress;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.InetAddressFilter;
import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * The same value for the same fault, whatever the client: each fault with the exceptions
 * that the libraries throw for it, provoked where a loopback can.
 */
class ErrorTypeTests {

	private static final MultiThreadIoEventLoopGroup eventLoops = new MultiThreadIoEventLoopGroup(1,
			NioIoHandler.newFactory());

	@AfterAll
	static void stopEventLoops() {
		eventLoops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly();
	}

	static Arguments[] faults() throws Exception {
		return new Arguments[] {
				// fault, client library, exception
				arguments("connection_refused", "httpcomponents", refusedBySocket()),
				arguments("connection_refused", "httpcomponents", new HttpHostConnectException("Connection refused")),
				arguments("connection_refused", "httpcomponents-async, jetty", refusedByChannel()),
				arguments("connection_refused", "reactor-netty", refusedByNetty()),
				arguments("connection_refused", "reactor-netty, native transport",
						new ConnectException("finishConnect(..) failed with error(-111): Connection refused")),

				arguments("connection_refused", "Windows", new ConnectException("Connection refused: connect")),
				arguments("connection_refused", "all, a language that is not known", new ConnectException("Rejected")),
				arguments("connection_refused", "a datagram", new PortUnreachableException()),

				arguments("timed_out", "httpcomponents", new SocketTimeoutException("Connect timed out")),
				arguments("timed_out", "httpcomponents", new ConnectTimeoutException("Connect to a.test failed")),
				arguments("timed_out", "reactor-netty", new io.netty.channel.ConnectTimeoutException("after 30000 ms")),
				arguments("timed_out", "jetty", new SocketTimeoutException("Connect Timeout")),
				arguments("timed_out", "jetty, DNS", new TimeoutException("DNS timeout 15000 ms")),
				arguments("timed_out", "jdk", new HttpConnectTimeoutException("HTTP connect timed out")),
				arguments("timed_out", "operating system", new ConnectException("Connection timed out")),
				arguments("timed_out", "reactor-netty, DNS", dns("silent.test", DnsAnswer.silence())),
				arguments("timed_out", "reactor-netty, no name server", dnsWithoutServer()),
				arguments("timed_out", "nettrace.dns.timeout",
						caused(new UnknownHostException("a.test: timed out"), new TimeoutException("i/o timeout"))),

				arguments("host_not_found", "jdk", new UnknownHostException("a.test")),
				arguments("host_not_found", "jdk", new UnknownHostException("a.test: Name or service not known")),
				arguments("host_not_found", "musl", new UnknownHostException("a.test: Name does not resolve")),
				arguments("host_not_found", "macOS",
						new UnknownHostException("a.test: nodename nor servname provided, or not known")),
				arguments("host_not_found", "Windows", new UnknownHostException("No such host is known (a.test)")),
				arguments("host_not_found", "jdk.net.hosts.file",
						new UnknownHostException("Unable to resolve host a.test in hosts file /etc/hosts")),
				arguments("host_not_found", "reactor-netty", dns("unknown.test", DnsAnswer.unknown())),
				arguments("host_not_found", "reactor-netty, no records", dns("empty.test", DnsAnswer.addresses())),
				arguments("host_not_found", "jdk, jetty", new UnresolvedAddressException()),

				arguments("try_again", "jdk", new UnknownHostException("a.test: Temporary failure in name resolution")),
				arguments("try_again", "musl", new UnknownHostException("a.test: Try again")),
				arguments("try_again", "reactor-netty", dns("broken.test", DnsAnswer.failure())),
				arguments("no_recovery", "jdk",
						new UnknownHostException("a.test: Non-recoverable failure in name resolution")),
				arguments("try_again", "a resolver over TCP",
						caused(new UnknownHostException("a.test"), new ConnectException("Connection refused"))),

				arguments("network_unreachable", "all", new ConnectException("Network is unreachable")),
				arguments("network_unreachable", "httpcomponents",
						new SocketException("Network is unreachable (connect failed)")),
				arguments("network_unreachable", "reactor-netty, native transport",
						caused(new NoRouteToHostException("null: /127.255.255.255:80"), new NoRouteToHostException())),
				arguments("host_unreachable", "all", new NoRouteToHostException("No route to host")),
				arguments("host_unreachable", "all, another language",
						new NoRouteToHostException("Keine Route zum Zielrechner")),
				arguments("connection_reset", "httpcomponents, SOCKS proxy", new SocketException("Connection reset")),
				arguments("host_unreachable", "reactor-netty, native transport",
						new IOException("finishConnect(..) failed: No route to host")),
				arguments("access_denied", "all", new SocketException("Permission denied")),
				arguments("address_not_available", "all", new ConnectException("Cannot assign requested address")),
				arguments("too_many_open_sockets", "all", new SocketException("Too many open files")),
				arguments("address_filtered", "Boot's filter", filtered()),

				arguments("too_many_open_sockets", "musl", new SocketException("No file descriptors available")),
				arguments("address_not_available", "all, a language that is not known",
						new BindException("No such address")),
				arguments("invalid_argument", "all", new SocketException("Invalid argument")),
				arguments("unknown_cached", "jdk", cached("never-asked.test")),

				arguments("cancelled", "all", new CancellationException("another attempt won")),
				arguments("cancelled", "nettrace, DNS",
						caused(new UnknownHostException("a.test: the lookup was cancelled"),
								new CancellationException("operation was canceled"))),
				arguments("cancelled", "httpcomponents, abort", new SocketException("Socket closed")),
				arguments("cancelled", "interrupt", new ClosedByInterruptException()),
				arguments("cancelled", "interrupt", new InterruptedIOException("interrupted")),

				arguments("proxy_tunnel_error", "httpcomponents", new IOException("the proxy has answered 403")),
				arguments("proxy_tunnel_error", "okhttp", new IOException("Unexpected response code for CONNECT: 403")),
				arguments("proxy_tunnel_error", "okhttp", new IOException("Failed to authenticate with proxy")),
				arguments("proxy_tunnel_error", "reactor-netty",
						new ProxyConnectException("http, none, /127.0.0.1:1 => a.test:443, status: 403 Forbidden")),
				arguments("timed_out", "reactor-netty, a proxy",
						new ProxyConnectException("http, none, /127.0.0.1:1 => a.test:443, timeout")),
				arguments("java.io.IOException", "unheard of", new IOException("what is this")),
				arguments("java.net.UnknownHostException", "a language that is not known",
						new UnknownHostException("a.test: Nimi tuntematon")),
				arguments("java.net.UnknownHostException", "nothing said", new UnknownHostException()),
				arguments("java.io.IOException", "words in a host",
						new IOException("SERVFAIL.test, NXDOMAIN.test and timed out.test")),
				arguments(FilteredHostException.class.getName(), "an exception of the application's",
						new FilteredHostException()),
				arguments(QuotaTimeoutException.class.getName(), "an exception of the application's",
						new QuotaTimeoutException()),
				arguments("java.lang.IllegalStateException", "an exception of the application's",
						new IllegalStateException("Permission denied")),
				arguments("java.util.concurrent.RejectedExecutionException", "nettrace, DNS",
						caused(new UnknownHostException("a.test: too many lookups"),
								new RejectedExecutionException("too many lookups"))),
				arguments("certificate_expired", "TLS", handshake(new CertificateExpiredException())),
				arguments("certificate_not_yet_valid", "TLS", handshake(new CertificateNotYetValidException())),
				arguments("certificate_revoked", "TLS",
						handshake(new CertificateRevokedException(Date.from(Instant.EPOCH), CRLReason.KEY_COMPROMISE,
								new X500Principal("CN=authority"), Map.of()))),
				arguments("certificate_untrusted", "TLS", handshake(new CertPathBuilderException())),
				arguments("certificate_hostname_mismatch", "TLS",
						handshake(new CertificateException("No name matching localhost found"))),
				arguments("not_tls", "TLS", new SSLException("Unsupported or unrecognized SSL message")),
				arguments("connection_closed", "TLS", handshake(new EOFException("SSL peer shut down incorrectly"))) };
	}

	@ParameterizedTest(name = "{0}: {1}, {2}")
	@MethodSource("faults")
	void sameFaultHasTheSameValueWhateverTheClient(String errorType, String client, Throwable failure) {
		assertThat(ErrorType.of(failure)).as(client).isEqualTo(errorType);
	}

	private static Throwable handshake(Exception cause) {
		return new SSLHandshakeException("handshake").initCause(cause);
	}

	@Test
	void documentationHasTheseValuesAndNoOthers() throws Exception {
		String documentation = Files.readString(Path.of("../docs/observations.md"));
		String table = documentation.substring(documentation.indexOf("## error.type"));
		List<String> documented = Pattern.compile("(?m)^\\| `(\\w+)` \\|")
			.matcher(table)
			.results()
			.map((row) -> row.group(1))
			.toList();
		assertThat(faults()).extracting((fault) -> fault.get()[0].toString())
			.filteredOn((value) -> !value.contains("."))
			.containsOnly(documented.toArray(String[]::new));
	}

	/**
	 * The JVM answers from its cache with the bare name, whatever the failure was.
	 */
	@Test
	void cachedFailureIsWhatTheResolverSaidLast() {
		assertThat(ErrorType.of(new UnknownHostException("Sick.test: Temporary failure in name resolution")))
			.isEqualTo("try_again");
		assertThat(ErrorType.of(cached("sick.test"))).isEqualTo("try_again");
		assertThat(ErrorType.of(new UnknownHostException("sick.test: Name or service not known")))
			.isEqualTo("host_not_found");
		assertThat(ErrorType.of(cached("sick.test"))).isEqualTo("host_not_found");
	}

	@Test
	void realCachedFailureIsSeenAsSuch() {
		Throwable first = catchThrowable(() -> InetAddress.getByName("error-type..test"));
		Throwable second = catchThrowable(() -> InetAddress.getByName("error-type..test"));
		assertThat(second).as("the JVM's cache").hasMessage("error-type..test");
		assertThat(ErrorType.of(second)).isEqualTo("unknown_cached");
		assertThat(ErrorType.of(second)).isNotEqualTo(ErrorType.of(first));
		assertThat(ErrorType.of(second)).isEqualTo(ErrorType.of(first));
	}

	private static Throwable cached(String host) {
		UnknownHostException failure = new UnknownHostException(host);
		failure.setStackTrace(new StackTraceElement[] {
				new StackTraceElement("java.net.InetAddress$CachedLookup", "get", "InetAddress.java", 1) });
		return failure;
	}

	private static final class FilteredHostException extends RuntimeException {

		private static final long serialVersionUID = 1L;

	}

	private static final class QuotaTimeoutException extends IOException {

		private static final long serialVersionUID = 1L;

	}

	@Test
	void causesInACircleEnd() {
		IOException first = new IOException("first");
		first.initCause(new IOException("second", first));
		assertThat(ErrorType.of(first)).isEqualTo("java.io.IOException");
	}

	private static Throwable refusedBySocket() throws IOException {
		try (RefusingAddress refusing = RefusingAddress.open(); Socket socket = new Socket()) {
			return catchThrowable(() -> socket.connect(refusing.address()));
		}
	}

	private static Throwable refusedByChannel() throws IOException {
		try (RefusingAddress refusing = RefusingAddress.open(); SocketChannel channel = SocketChannel.open()) {
			return catchThrowable(() -> channel.connect(refusing.address()));
		}
	}

	private static Throwable refusedByNetty() {
		try (RefusingAddress refusing = RefusingAddress.open()) {
			return new Bootstrap().group(eventLoops)
				.channel(NioSocketChannel.class)
				.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 20_000)
				.handler(new ChannelHandlerAdapter() {
				})
				.connect(refusing.address())
				.awaitUninterruptibly()
				.cause();
		}
	}

	private static Throwable dns(String name, DnsAnswer answer) {
		try (DnsServer server = DnsServer.start()) {
			server.set(name, answer);
			return lookup(name, server.address(), name.equals("silent.test") ? 200 : 20_000);
		}
	}

	private static Throwable dnsWithoutServer() {
		try (RefusingAddress refusing = RefusingAddress.open()) {
			return lookup("a.test", refusing.address(), 200);
		}
	}

	private static Throwable lookup(String name, InetSocketAddress server, int timeoutMillis) {
		try (DnsNameResolver resolver = new DnsNameResolverBuilder(eventLoops.next())
			.datagramChannelType(NioDatagramChannel.class)
			.nameServerProvider(new SingletonDnsServerAddressStreamProvider(server))
			.queryTimeoutMillis(timeoutMillis)
			.build()) {
			return resolver.resolveAll(name).awaitUninterruptibly().cause();
		}
	}

	private static Throwable filtered() {
		HttpClientSettings settings = HttpClientSettings.defaults()
			.withInetAddressFilter(InetAddressFilter.externalAddresses());
		return catchThrowable(() -> ClientHttpRequestFactoryBuilder.httpComponents()
			.build(settings)
			.createRequest(URI.create("http://localhost/"), HttpMethod.GET)
			.execute());
	}

	private static Throwable caused(Throwable failure, Throwable cause) {
		return failure.initCause(cause);
	}

}
