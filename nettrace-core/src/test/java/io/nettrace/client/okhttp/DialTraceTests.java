package io.nettrace.client.okhttp;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CancellationException;

import javax.net.ssl.SSLHandshakeException;

import io.nettrace.client.RecordedHooks;
import okhttp3.CipherSuite;
import okhttp3.Connection;
import okhttp3.Handshake;
import okhttp3.Protocol;
import okhttp3.TlsVersion;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Events in the order in which OkHttp tells them when addresses race, which no server can
 * bring about.
 */
class DialTraceTests {

	private static final InetSocketAddress FIRST = new InetSocketAddress("127.0.0.8", 443);

	private static final InetSocketAddress SECOND = new InetSocketAddress("127.0.0.9", 443);

	private final RecordedHooks hooks = new RecordedHooks();

	private final DialTrace dial = new DialTrace(this.hooks.trace(), "good.test");

	private final Handshake handshake = Handshake.get(TlsVersion.TLS_1_3, CipherSuite.TLS_AES_128_GCM_SHA256, List.of(),
			List.of());

	private final Connection connection = Mockito.mock(Connection.class);

	@Test
	void theOnlyAttemptHasConnectedWhenTheHandshakeBegins() {
		connectStarts(FIRST);
		this.dial.handshakeStarts();
		assertThat(this.hooks.names()).containsExactly("connectStart", "connectDone", "tlsHandshakeStart");
		opens(FIRST);
		assertThat(this.hooks.names()).containsExactly("connectStart", "connectDone", "tlsHandshakeStart",
				"tlsHandshakeDone");
	}

	@Test
	void theWinnerIsKnownWhenTheLoserHasBeenGivenUp() {
		connectStarts(FIRST);
		connectStarts(SECOND);
		this.dial.handshakeStarts();
		assertThat(this.hooks.names()).containsExactly("connectStart", "connectStart");
		this.dial.fails(FIRST, new SocketException("Socket closed"));
		assertThat(this.hooks.names()).containsExactly("connectStart", "connectStart",
				"connectDone CancellationException", "connectDone", "tlsHandshakeStart");
		opens(SECOND);
		assertThat(this.hooks.names()).endsWith("tlsHandshakeStart", "tlsHandshakeDone").hasSize(6);
	}

	@Test
	void theWinnerIsKnownAtLastWhenItsConnectionIsThere() {
		connectStarts(FIRST);
		connectStarts(SECOND);
		this.dial.handshakeStarts();
		opens(FIRST);
		assertThat(this.hooks.names()).containsExactly("connectStart", "connectStart", "connectDone",
				"tlsHandshakeStart", "tlsHandshakeDone", "connectDone CancellationException");
		assertThat(this.hooks.all(InetSocketAddress.class)).containsExactly(FIRST, SECOND, FIRST, SECOND);
		this.dial.fails(SECOND, new SocketException("Socket closed"));
		assertThat(this.hooks.names()).hasSize(6);
	}

	@Test
	void theWinnersHandshakeFailsBeforeTheLoserHasTold() {
		connectStarts(FIRST);
		onAnotherThread(() -> connectStarts(SECOND));
		onAnotherThread(() -> this.dial.handshakeStarts());
		onAnotherThread(() -> this.dial.fails(FIRST, new SSLHandshakeException("untrusted")));
		assertThat(this.hooks.names()).containsExactly("connectStart", "connectStart", "connectDone",
				"tlsHandshakeStart", "tlsHandshakeDone SSLHandshakeException");
		this.dial.end(Failures.cancelled(null));
		assertThat(this.hooks.names()).last().isEqualTo("connectDone CancellationException");
	}

	@Test
	void theLoserOfARaceInClearTextHasBeenGivenUp() {
		connectStarts(FIRST);
		connectStarts(SECOND);
		this.dial.connects(SECOND, Protocol.HTTP_1_1);
		this.dial.fails(FIRST, new SocketException("Socket closed"));
		assertThat(this.hooks.names()).containsExactly("connectStart", "connectStart", "connectDone",
				"connectDone CancellationException");
	}

	@Test
	void anAttemptThatFailsFailsByItself() {
		connectStarts(FIRST);
		this.dial.fails(FIRST, new ConnectException("refused"));
		connectStarts(SECOND);
		this.dial.connects(SECOND, Protocol.HTTP_1_1);
		assertThat(this.hooks.names()).containsExactly("connectStart", "connectDone ConnectException", "connectStart",
				"connectDone");
	}

	@Test
	void aProxyThatAsksForAPasswordIsConnectedToAgain() {
		connectStarts(FIRST);
		this.dial.connects(FIRST, null);
		connectStarts(FIRST);
		this.dial.fails(FIRST, new IOException("Unexpected response code for CONNECT: 403"));
		assertThat(this.hooks.names()).containsExactly("connectStart", "connectDone", "connectStart",
				"connectDone IOException");
	}

	@Test
	void aRaceThatIsOverMayStillBegin() {
		this.dial.end(Failures.cancelled(null));
		connectStarts(FIRST);
		this.dial.fails(FIRST, new IOException("canceled"));
		assertThat(this.hooks.names()).containsExactly("connectStart", "connectDone CancellationException");
	}

	@Test
	void tellsTheLookupsOwnFailure() {
		UnknownHostException unknown = new UnknownHostException("good.test");
		ConnectException refused = new ConnectException("the first proxy's");
		refused.addSuppressed(unknown);
		this.dial.lookupStarts("good.test");
		this.dial.end(refused);
		assertThat(this.hooks.names()).containsExactly("dnsStart", "dnsDone UnknownHostException");
		assertThat(this.hooks.all(Throwable.class)).containsExactly(unknown);
	}

	@Test
	void theLookupOfAnotherProxyEndsTheOneBefore() throws UnknownHostException {
		this.dial.lookupStarts("first.test");
		this.dial.lookupStarts("second.test");
		this.dial.lookupEnds(List.of(InetAddress.getByName("127.0.0.9")));
		assertThat(this.hooks.names()).containsExactly("dnsStart", "dnsDone UnknownHostException", "dnsStart",
				"dnsDone");
	}

	@Test
	void connectsToTheProxyOfSocks() {
		InetSocketAddress proxy = new InetSocketAddress("127.0.0.1", 1080);
		this.dial.connectStarts(InetSocketAddress.createUnresolved("good.test", 443),
				new Proxy(Proxy.Type.SOCKS, proxy));
		assertThat(this.hooks.all(InetSocketAddress.class)).containsExactly(proxy);
		this.dial.end(new CancellationException());
	}

	/**
	 * One that is sent again goes to the address that it went to, beside those that are
	 * looked up.
	 */
	@Test
	@SuppressWarnings("ReferenceEquality") // which of the equal ones
	void ofTwoAttemptsAtOneAddressEachIsDoneOnce() {
		InetSocketAddress again = new InetSocketAddress(FIRST.getAddress(), FIRST.getPort());
		connectStarts(FIRST);
		connectStarts(again);
		this.dial.fails(FIRST, new SocketException("Socket closed"));
		this.dial.connects(FIRST, Protocol.HTTP_1_1);
		List<InetSocketAddress> told = this.hooks.all(InetSocketAddress.class);
		assertThat(told).hasSize(4);
		for (InetSocketAddress address : List.of(FIRST, again)) {
			assertThat(told).filteredOn((each) -> each == address).hasSize(2);
		}
	}

	private void connectStarts(InetSocketAddress address) {
		this.dial.connectStarts(address, Proxy.NO_PROXY);
	}

	private void opens(InetSocketAddress address) {
		Mockito.when(this.connection.handshake()).thenReturn(this.handshake);
		Mockito.when(this.connection.protocol()).thenReturn(Protocol.HTTP_1_1);
		this.dial.handshakeEnds(this.handshake);
		this.dial.connects(address, Protocol.HTTP_1_1);
		assertThat(this.dial.got(this.connection)).isNotNull();
	}

	private static void onAnotherThread(Runnable work) {
		CompletableFuture.runAsync(work).join();
	}

}
