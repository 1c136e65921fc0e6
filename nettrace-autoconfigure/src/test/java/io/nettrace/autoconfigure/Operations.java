package io.nettrace.autoconfigure;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.function.Consumer;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import io.nettrace.TlsInfo;
import io.nettrace.instrument.NetTracing;

/**
 * Fires the hooks of operations below a request, without a client or a network.
 */
final class Operations {

	private final ObservationRegistry registry;

	private final NetTracing tracing;

	Operations(TracedApplication application) {
		this(application.bean(ObservationRegistry.class), application.bean(NetTracing.class));
	}

	Operations(ObservationRegistry registry, NetTracing tracing) {
		this.registry = registry;
		this.tracing = tracing;
	}

	/**
	 * A lookup and a connect that go well.
	 */
	void succeed(String host) {
		request((trace) -> succeed(trace, host, false));
	}

	/**
	 * The same, with an answer that was shared.
	 */
	void succeedTogether(String host) {
		request((trace) -> succeed(trace, host, true));
	}

	/**
	 * The same where no observation is current.
	 */
	void succeedWithoutRequest(String host) {
		succeed(this.tracing.blockingDial("jetty", null, -1), host, false);
	}

	private static void succeed(NetTrace trace, String host, boolean coalesced) {
		InetSocketAddress peer = new InetSocketAddress(address(), 443);
		trace.dnsStart(host);
		trace.dnsDone(List.of(peer.getAddress()), coalesced, null);
		trace.connectStart("tcp", peer);
		trace.connectDone("tcp", peer, null);
	}

	/**
	 * A lookup that goes well and a connect that is refused.
	 */
	void fail(String host) {
		request((trace) -> {
			InetSocketAddress peer = new InetSocketAddress(address(), 443);
			trace.dnsStart(host);
			trace.dnsDone(List.of(peer.getAddress()), false, null);
			trace.connectStart("tcp", peer);
			trace.connectDone("tcp", peer, new ConnectException("Connection refused: 10.1.2.3"));
		});
	}

	/**
	 * A lookup of a name that does not exist.
	 */
	void failToLookUp(String host) {
		request((trace) -> {
			trace.dnsStart(host);
			trace.dnsDone(List.of(), false, new UnknownHostException(host));
		});
	}

	/**
	 * A proxy step and a handshake that go well.
	 */
	void secure(String host) {
		request((trace) -> {
			trace.proxyStart(new ProxyInfo("http", null, host, 443, null));
			trace.proxyDone(new ProxyInfo("http", null, host, 443, null));
			trace.tlsHandshakeStart(TlsInfo.starting(host));
			trace.tlsHandshakeDone(new TlsInfo(host, "TLSv1.3", "TLS_AES_128_GCM_SHA256", "", false, List.of(), null));
		});
	}

	private void request(Consumer<NetTrace> operation) {
		Observation.createNotStarted("http.client.requests", this.registry)
			.observe(() -> operation.accept(this.tracing.blockingDial("jetty", null, -1)));
	}

	private static InetAddress address() {
		try {
			return InetAddress.getByAddress(new byte[] { 10, 1, 2, 3 });
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
