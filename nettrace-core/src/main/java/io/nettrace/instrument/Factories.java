package io.nettrace.instrument;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.nettrace.Hook;
import io.nettrace.NetTrace;
import org.jspecify.annotations.Nullable;

/**
 * The factories of an application. They are asked for when the first request is sent, and
 * let go of when the application ends.
 */
final class Factories {

	private final HookCalls calls;

	private final Made none;

	private volatile Supplier<? extends List<? extends NetTrace.Factory>> supplier;

	private volatile @Nullable Made made;

	private volatile boolean closed;

	Factories(Supplier<? extends List<? extends NetTrace.Factory>> supplier, HookCalls calls) {
		this.supplier = supplier;
		this.calls = calls;
		this.none = new Made(new NetTrace.Factory[0], Set.of(), calls);
	}

	/**
	 * The factories, once they are there.
	 */
	static final class Made {

		private final NetTrace.Factory[] factories;

		private final Set<Hook> watched;

		private final boolean watchExchanges;

		private final HookCalls onCallersThread;

		private final HookCalls onSharedThreads;

		Made(NetTrace.Factory[] factories, Set<Hook> watched, HookCalls calls) {
			this.factories = factories;
			this.watched = watched;
			this.watchExchanges = watched.stream().anyMatch(Hook::isOfEachExchange);
			this.onSharedThreads = calls.limitedTo(watched);
			this.onCallersThread = this.onSharedThreads.onCallersThread();
		}

		/**
		 * Return the factories, in calling order.
		 */
		NetTrace.Factory[] factories() {
			return this.factories;
		}

		/**
		 * Return how the hooks of the factories' traces are called: those that they do
		 * not have are not.
		 * @param shared whether on threads that serve other requests too
		 */
		HookCalls calls(boolean shared) {
			return shared ? this.onSharedThreads : this.onCallersThread;
		}

	}

	Made get() {
		Made present = this.made;
		return (present != null) ? present : make();
	}

	private Made make() {
		NetTrace.Factory[] factories;
		try {
			factories = this.supplier.get().toArray(NetTrace.Factory[]::new);
		}
		catch (Throwable ex) {
			this.calls.failures().reportUnmade(ex);
			HookFailures.throwIfFatal(ex);
			return this.none; // and ask again next time
		}
		Set<Hook> watched = Stream.of(factories)
			.flatMap(this::hooksOf)
			.collect(Collectors.toCollection(() -> EnumSet.noneOf(Hook.class)));
		Made made = new Made(factories, watched, this.calls);
		this.made = made;
		if (this.closed) {
			close();
			return this.none;
		}
		return made;
	}

	private Stream<Hook> hooksOf(NetTrace.Factory factory) {
		Set<Hook> hooks = this.calls.hooks();
		try {
			return List.copyOf(factory.hooks()).stream().filter(hooks::contains);
		}
		catch (Throwable ex) {
			this.calls.failedToMake(factory, ex);
			return hooks.stream();
		}
	}

	/**
	 * Whether a factory makes traces that have hooks of each exchange.
	 */
	boolean watchExchanges() {
		return get().watchExchanges;
	}

	/**
	 * Whether a factory makes traces that have a hook.
	 */
	boolean watch(Hook hook) {
		return get().watched.contains(hook);
	}

	/**
	 * Whether a factory knows what a request of the current thread would belong to.
	 */
	boolean haveParent() {
		return Stream.of(get().factories()).anyMatch(this::hasParent);
	}

	private boolean hasParent(NetTrace.Factory factory) {
		try {
			return factory.hasParent();
		}
		catch (Throwable ex) {
			this.calls.failedToMake(factory, ex);
			return false;
		}
	}

	void close() {
		this.closed = true;
		this.supplier = List::of;
		this.made = this.none;
	}

}
