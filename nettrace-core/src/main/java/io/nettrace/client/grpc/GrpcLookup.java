package io.nettrace.client.grpc;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;

import io.grpc.EquivalentAddressGroup;
import io.grpc.Status;
import io.nettrace.NetTrace;
import io.nettrace.dns.IpLiteral;
import org.jspecify.annotations.Nullable;

/**
 * One lookup, which begins at most once, and then ends once: by its answer, or when the
 * task is over that has none. Guarded by itself.
 */
final class GrpcLookup {

	private final NetTrace dial;

	private boolean begun;

	private boolean ended;

	GrpcLookup(NetTrace dial) {
		this.dial = dial;
	}

	/**
	 * An address is not looked up.
	 */
	synchronized void begin(String host) {
		if (!this.begun && !this.ended && !IpLiteral.matches(host)) {
			this.begun = true;
			this.dial.dnsStart(host);
		}
	}

	/**
	 * Return the hooks for the attempts, {@link NetTrace#NONE} if the answer is not that
	 * of a lookup.
	 */
	synchronized NetTrace answered(List<EquivalentAddressGroup> groups) {
		end(groups.stream()
			.flatMap((group) -> group.getAddresses().stream())
			.map((address) -> (address instanceof InetSocketAddress inet) ? inet.getAddress() : null)
			.filter(Objects::nonNull)
			.toList(), null);
		return this.dial;
	}

	synchronized void failed(Status error) {
		Throwable cause = error.getCause();
		while (cause != null && cause.getClass() == RuntimeException.class && cause.getCause() != null) {
			cause = cause.getCause(); // gRPC wraps what its resolver throws
		}
		end(List.of(), (cause != null) ? cause : error.asException());
	}

	synchronized void cancel() {
		end(List.of(), new CancellationException("operation was canceled"));
	}

	private void end(List<InetAddress> addresses, @Nullable Throwable error) {
		if (this.begun && !this.ended) {
			this.dial.dnsDone(addresses, false, error);
		}
		this.ended = true;
	}

}
