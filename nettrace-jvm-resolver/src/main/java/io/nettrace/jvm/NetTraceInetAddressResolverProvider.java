package io.nettrace.jvm;

import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;

/**
 * Wraps the JVM's built-in resolver. The JVM finds this class by
 * {@link java.util.ServiceLoader} when it looks up for the first time, with the class
 * loader of the thread that does; it takes one provider for all its life.
 */
public final class NetTraceInetAddressResolverProvider extends InetAddressResolverProvider {

	/**
	 * Create the provider; the JVM does.
	 */
	public NetTraceInetAddressResolverProvider() {
	}

	@Override
	public InetAddressResolver get(Configuration configuration) {
		return new TracedInetAddressResolver(configuration.builtinResolver());
	}

	@Override
	public String name() {
		return "nettrace";
	}

}
