package io.nettrace.observation.jfr;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Locale;

import io.nettrace.instrument.IpText;
import io.nettrace.observation.SocketConnectContext;
import io.nettrace.observation.StepContext;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/**
 * An attempt to connect to one address.
 */
@Name("nettrace.Connect")
@Label("Connect Attempt")
final class ConnectEvent extends StepEvent {

	@Label("Address")
	@Nullable String address;

	@Label("Port")
	int port;

	@Label("Attempt")
	int attempt;

	@Label("Outcome")
	@Nullable String outcome;

	@Override
	void write(StepContext step, boolean hideAddresses) {
		SocketConnectContext connect = (SocketConnectContext) step;
		this.attempt = connect.getAttempt();
		this.outcome = connect.getOutcome().name().toLowerCase(Locale.ROOT);
		SocketAddress peer = connect.getAddress();
		this.port = (peer instanceof InetSocketAddress inet) ? inet.getPort() : 0;
		this.address = hideAddresses ? null : text(peer);
	}

	private static @Nullable String text(SocketAddress peer) {
		if (peer instanceof InetSocketAddress inet) {
			return (inet.getAddress() != null) ? IpText.of(inet.getAddress()) : null;
		}
		return peer.toString();
	}

}
