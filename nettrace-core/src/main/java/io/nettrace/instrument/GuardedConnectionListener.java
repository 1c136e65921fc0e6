package io.nettrace.instrument;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionListener;
import io.nettrace.NetTraceContext;
import org.jspecify.annotations.Nullable;

/**
 * Tells the listeners of an application, and keeps what one of them throws away from the
 * others and from the connection.
 */
final class GuardedConnectionListener implements ConnectionRecordListener {

	private final HookCalls hooks;

	private volatile Supplier<? extends List<? extends ConnectionListener>> supplier;

	private volatile @Nullable List<ConnectionListener> listeners;

	private volatile boolean hearExchanges;

	GuardedConnectionListener(Supplier<? extends List<? extends ConnectionListener>> supplier, HookCalls hooks) {
		this.supplier = supplier;
		this.hooks = hooks;
	}

	@Override
	public void opened(ConnectionInfo connection) {
		tell(ConnectionListener::opened, connection);
	}

	@Override
	public void acquired(ConnectionInfo connection) {
		tell(ConnectionListener::acquired, connection);
	}

	@Override
	public void released(ConnectionInfo connection) {
		tell(ConnectionListener::released, connection);
	}

	@Override
	public void closed(ConnectionInfo connection, CloseInfo close) {
		tell((listener, each) -> listener.closed(each, close), connection);
	}

	private void tell(BiConsumer<ConnectionListener, ConnectionInfo> call, ConnectionInfo connection) {
		for (ConnectionListener listener : listeners()) {
			if (hearsExchanges(listener)) {
				tell(listener, call, connection);
			}
		}
	}

	@Override
	public void watch(ConnectionRecord connection) {
		tellOf(ConnectionRecordListener::watch, connection);
	}

	@Override
	public void unwatch(ConnectionRecord connection, CloseInfo close) {
		tellOf((listener, each) -> listener.unwatch(each, close), connection);
	}

	private void tellOf(BiConsumer<ConnectionRecordListener, ConnectionRecord> call, ConnectionRecord connection) {
		for (ConnectionListener listener : listeners()) {
			if (listener instanceof ConnectionRecordListener looking) {
				tell(looking, call, connection);
			}
		}
	}

	/**
	 * What a listener sends itself fires no hooks. Connections are closed on any thread,
	 * so none of them gets an error of the JVM.
	 */
	private <L extends ConnectionListener, C> void tell(L listener, BiConsumer<L, C> call, C connection) {
		NetTraceContext.Scope outer = NetTraceContext.silence();
		try {
			call.accept(listener, connection);
		}
		catch (Throwable ex) {
			this.hooks.failed(listener, ex);
		}
		finally {
			NetTraceContext.endSilence(outer);
		}
	}

	@Override
	public boolean hearsExchanges() {
		listeners();
		return this.hearExchanges;
	}

	@Override
	public boolean isNeeded() {
		return !listeners().isEmpty();
	}

	private List<ConnectionListener> listeners() {
		List<ConnectionListener> result = this.listeners;
		if (result == null) {
			try {
				result = List.copyOf(this.supplier.get());
			}
			catch (Throwable ex) {
				this.hooks.failedToMake(this.supplier, ex);
				return List.of(); // and ask again next time
			}
			this.hearExchanges = result.stream().anyMatch(GuardedConnectionListener::hearsExchanges);
			this.listeners = result;
		}
		return result;
	}

	private static boolean hearsExchanges(ConnectionListener listener) {
		return !(listener instanceof ConnectionRecordListener looking) || looking.hearsExchanges();
	}

	void close() {
		this.supplier = List::of;
		this.listeners = List.of();
	}

}
