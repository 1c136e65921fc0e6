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

	private static final NetTrace.Factory[] NONE = {};

	private final HookCalls calls;

	private volatile Supplier<? extends List<? extends NetTrace.Factory>> supplier;

	private volatile NetTrace.Factory @Nullable [] factories;

	// Of the factories, once they are there
	private volatile Set<Hook> watched = Set.of();

	private volatile boolean watchExchanges;

	private volatile boolean closed;

	Factories(Supplier<? extends List<? extends NetTrace.Factory>> supplier, HookCalls calls) {
		this.supplier = supplier;
		this.calls = calls;
	}

	/**
	 * Return the factories, in calling order.
	 */
	NetTrace.Factory[] get() {
		NetTrace.Factory[] result = this.factories;
		if (result == null) {
			try {
				result = this.supplier.get().toArray(NetTrace.Factory[]::new);
			}
			catch (Throwable ex) {
				this.calls.failures().reportUnmade(ex);
				HookFailures.throwIfFatal(ex);
				return NONE; // and ask again next time
			}
			this.watched = Stream.of(result)
				.flatMap(this::hooksOf)
				.collect(Collectors.toCollection(() -> EnumSet.noneOf(Hook.class)));
			this.watchExchanges = this.watched.stream().anyMatch(Hook::isOfEachExchange);
			this.factories = result;
			if (this.closed) {
				close();
				return NONE;
			}
		}
		return result;
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
		return get().length > 0 && this.watchExchanges;
	}

	/**
	 * Whether a factory makes traces that have a hook.
	 */
	boolean watch(Hook hook) {
		return get().length > 0 && this.watched.contains(hook);
	}

	/**
	 * Whether a factory knows what a request of the current thread would belong to.
	 */
	boolean haveParent() {
		return Stream.of(get()).anyMatch(this::hasParent);
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
		this.factories = NONE;
	}

}
