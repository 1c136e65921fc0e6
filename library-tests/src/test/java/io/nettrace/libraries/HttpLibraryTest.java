package io.nettrace.libraries;

import java.util.List;

import io.nettrace.test.DnsAnswer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What one HTTP client shows. Its peer speaks TLS, too, as {@code tls.test}.
 */
abstract class HttpLibraryTest extends LibraryTest {

	private String scheme = "http";

	/**
	 * What is to be called.
	 */
	String url(String host) {
		return this.scheme + "://" + host + ":" + peer().port() + "/";
	}

	/**
	 * Of a client without an observation of its own.
	 */
	@Override
	String expectedTree() {
		return """
				business
				  DNS lookup two.test: 127.0.0.8, 127.0.0.9
				  socket connect ! 127.0.0.8: connection_refused
				  socket connect 127.0.0.9
				""";
	}

	/**
	 * Of a client that has an observation.
	 * @param request its name
	 */
	static String expectedTreeBelow(String request) {
		return """
				business
				  %s
				    DNS lookup two.test: 127.0.0.8, 127.0.0.9
				    socket connect ! 127.0.0.8: connection_refused
				    socket connect 127.0.0.9
				""".formatted(request);
	}

	@BeforeAll
	void setNameOfTls() {
		dns().set(SocketPeer.TLS_HOST, DnsAnswer.addresses(Peer.ADDRESS));
	}

	/**
	 * Or does not show it, if the table says so.
	 */
	@Test
	void showsHandshake() throws Exception {
		this.scheme = "https";
		try {
			assertThat(call(application(), SocketPeer.TLS_HOST)).isEqualTo(expectedResult());
		}
		finally {
			this.scheme = "http";
		}
		boolean shown = List.of(getClass().getAnnotation(Library.class).shows()).contains(Step.HANDSHAKE);
		String tree = expectedTreeOf(SocketPeer.TLS_HOST);
		awaitTree(shown ? tree.replaceAll("(?m)^( *)socket connect .*\n", "$0$1TLS handshake tls.test\n") : tree);
	}

}
