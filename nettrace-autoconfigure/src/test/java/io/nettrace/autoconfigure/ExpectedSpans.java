package io.nettrace.autoconfigure;

import io.nettrace.test.SpanTree;

/**
 * Lines of a {@link SpanTree}, as those below a request.
 */
final class ExpectedSpans {

	private ExpectedSpans() {
	}

	static String answered(String host) {
		return "    DNS lookup {dns.answers=127.0.0.9, dns.question.name=" + host + ", nettrace.dns.coalesced=false}\n";
	}

	static String connected(int attempt, String address, String host) {
		return "    socket connect {nettrace.connect.attempt=" + attempt + ", nettrace.connect.outcome=connected, "
				+ peer(address, host);
	}

	static String failed(int attempt, String address, String host, String errorType) {
		return "    socket connect ! {error.type=" + errorType + ", nettrace.connect.attempt=" + attempt
				+ ", nettrace.connect.outcome=failed, " + peer(address, host);
	}

	static String shakenHands(String host, String issuer) {
		return "    TLS handshake {server.address=" + host
				+ ", tls.cipher=TLS_AES_256_GCM_SHA384, tls.protocol.name=tls, tls.protocol.version=1.3, "
				+ "tls.resumed=false, tls.server.issuer=CN=" + issuer
				+ ", tls.server.not_after=DATE, tls.server.subject=CN=" + host + "}\n";
	}

	private static String peer(String address, String host) {
		return "network.peer.address=" + address
				+ ", network.peer.port=PORT, network.transport=tcp, network.type=ipv4, " + "server.address=" + host
				+ ", server.port=PORT}\n";
	}

}
