package io.nettrace.instrument;

import java.util.EnumSet;
import java.util.List;

import io.nettrace.ConnectionListener;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.client.Forwarding;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every hook reaches the application through every wrapper. All of them are default
 * methods, so one that a wrapper does not know would be lost without a word.
 */
@Tag("one-jdk")
class HooksForwardingTests {

	@Test
	void guardForwards() {
		Forwarding.check(NetTrace.class, (delegate) -> guarded(delegate, new NetTracing((request) -> delegate)));
	}

	/**
	 * For a dial the guard makes another guard, so that one method is left out.
	 */
	private static NetTrace guarded(NetTrace delegate, NetTracing tracing) {
		NetTrace guarded = tracing.request("test", null, -1).hooks();
		return new ForwardingNetTrace() {

			@Override
			protected NetTrace delegate() {
				return guarded;
			}

			@Override
			public NetTrace forDial() {
				return delegate.forDial();
			}

		};
	}

	@Test
	void compositionForwardsToTheLast() {
		Forwarding.check(NetTrace.class, (delegate) -> guarded(delegate, new NetTracing((request) -> new NetTrace() {
		}, (request) -> delegate)));
	}

	@Test
	void forwardingTraceForwards() {
		Forwarding.check(NetTrace.class, (delegate) -> new ForwardingNetTrace() {

			@Override
			protected NetTrace delegate() {
				return delegate;
			}

		});
	}

	@Test
	void connectionListenerForwards() {
		Forwarding.check(ConnectionListener.class,
				(delegate) -> new NetTracing(List::of, () -> List.of(delegate), EnumSet.allOf(Hook.class))
					.connectionListener());
	}

}
