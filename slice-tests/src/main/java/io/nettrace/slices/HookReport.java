package io.nettrace.slices;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;

import io.nettrace.NetTrace;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;

/**
 * Prints each hook that fires. Opt-in, so that the other slices run as they do in an
 * application without hooks.
 */
@Component
@ConditionalOnBooleanProperty("slice.hooks")
final class HookReport implements NetTrace {

	@Override
	public void dnsStart(String host) {
		print("dnsStart " + host);
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		print("dnsDone " + addresses.size() + outcome(error));
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		print("connectStart " + network);
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		print("connectDone " + network + outcome(error));
	}

	private static void print(String line) {
		SliceApplication.print("hook", line);
	}

	private static String outcome(@Nullable Throwable error) {
		return (error != null) ? " !" : "";
	}

}
