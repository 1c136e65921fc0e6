package io.nettrace;

import io.micrometer.context.ThreadLocalAccessor;
import org.jspecify.annotations.Nullable;

/**
 * Lets {@code io.micrometer:context-propagation} carry the current
 * {@link NetTraceContext} into Reactor pipelines and executors. It is found by
 * {@link java.util.ServiceLoader}.
 */
public final class NetTraceContextAccessor implements ThreadLocalAccessor<NetTraceContext> {

	/**
	 * Key of the binding in a Reactor context or a context snapshot.
	 */
	public static final String KEY = "nettrace.context";

	@Override
	public Object key() {
		return KEY;
	}

	@Override
	public @Nullable NetTraceContext getValue() {
		return NetTraceContext.bound();
	}

	@Override
	public void setValue(NetTraceContext value) {
		NetTraceContext.bind(value);
	}

	@Override
	public void setValue() {
		NetTraceContext.bind(null);
	}

	@Override
	public void restore(NetTraceContext previousValue) {
		NetTraceContext.restore(previousValue);
	}

	@Override
	public void restore() {
		NetTraceContext.restore(null);
	}

}
