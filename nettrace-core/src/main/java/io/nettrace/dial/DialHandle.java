package io.nettrace.dial;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * One dial, to be cancelled from another thread: closing the handle closes every socket
 * that is connecting, and the dial fails. When the dial has returned its connection,
 * closing does nothing. A handle serves one dial only.
 */
public final class DialHandle implements Closeable {

	// Guarded by itself; nothing is closed while it is held
	private final Set<Closeable> connecting = Collections.newSetFromMap(new IdentityHashMap<>(2));

	private final boolean interruptible;

	private boolean started;

	private boolean over;

	/**
	 * Create the handle of a dial that interrupting its thread cancels as well.
	 */
	public DialHandle() {
		this(true);
	}

	/**
	 * Create the handle of a dial.
	 * @param interruptible whether interrupting the thread that dials cancels the dial;
	 * otherwise the thread is still interrupted afterwards, and that is all
	 */
	public DialHandle(boolean interruptible) {
		this.interruptible = interruptible;
	}

	boolean isInterruptible() {
		return this.interruptible;
	}

	/**
	 * Whether this thread is interrupted and that counts.
	 */
	boolean isInterrupted() {
		return this.interruptible && Thread.currentThread().isInterrupted();
	}

	void start() {
		synchronized (this.connecting) {
			if (this.started) {
				throw new IllegalStateException("A DialHandle serves one dial only");
			}
			this.started = true;
		}
	}

	/**
	 * Whether there is a winner, or the dial was cancelled: no further attempt may start.
	 */
	boolean isOver() {
		synchronized (this.connecting) {
			return this.over;
		}
	}

	/**
	 * An attempt begins.
	 * @return {@code false} if it is too late for that
	 */
	boolean add(Closeable socket) {
		synchronized (this.connecting) {
			return !this.over && this.connecting.add(socket);
		}
	}

	/**
	 * An attempt has connected. The first one wins, so that two sockets that connect at
	 * the same moment cannot both be handed out, nor one be lost.
	 * @return whether this one has won; its socket will not be closed by this handle
	 */
	boolean win(Closeable socket) {
		synchronized (this.connecting) {
			if (this.over) {
				return false;
			}
			this.over = true;
			return this.connecting.remove(socket);
		}
	}

	/**
	 * An attempt has failed.
	 * @return {@code false} if that is because this handle has closed its socket
	 */
	boolean remove(Closeable socket) {
		synchronized (this.connecting) {
			return this.connecting.remove(socket);
		}
	}

	/**
	 * End every attempt that has not won. May be called by any thread, also before the
	 * dial starts; does not wait for the attempts to end.
	 */
	@Override
	public void close() {
		List<Closeable> losers;
		synchronized (this.connecting) {
			this.over = true;
			losers = new ArrayList<>(this.connecting);
			this.connecting.clear();
		}
		losers.forEach(DialHandle::closeQuietly);
	}

	static void closeQuietly(Closeable socket) {
		try {
			socket.close();
		}
		catch (IOException | RuntimeException ignored) {
			// it never was connected, so nothing is lost
		}
	}

}
