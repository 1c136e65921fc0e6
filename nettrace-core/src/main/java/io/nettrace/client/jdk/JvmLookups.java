package io.nettrace.client.jdk;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import org.jspecify.annotations.Nullable;

/**
 * Where the JVM's resolver and an application meet. The JVM makes its resolver once, at
 * its first lookup, before there is any application; of several applications in one JVM
 * the last that is ready sees the lookups.
 */
public final class JvmLookups {

	private static final AtomicReference<@Nullable NetTraceJdk> APPLICATION = new AtomicReference<>();

	private JvmLookups() {
	}

	/**
	 * Trace the JVM's lookups from now on.
	 * @param application gives lookups their traces
	 */
	public static void traceWith(NetTraceJdk application) {
		APPLICATION.set(application);
	}

	/**
	 * Trace the JVM's lookups no longer, unless somebody else does by now.
	 * @param application what was given to {@link #traceWith}
	 */
	public static void stopTracingWith(NetTraceJdk application) {
		APPLICATION.compareAndSet(application, null);
	}

	/**
	 * Look up a name for the JVM, with hooks if this is done for anybody. Called by the
	 * thread that needs the answer.
	 * @param host the name
	 * @param lookup asks the JVM's built-in resolver
	 * @return the answer
	 * @throws UnknownHostException if there is none
	 */
	public static List<InetAddress> resolve(String host, Lookup lookup) throws UnknownHostException {
		NetTraceJdk application = APPLICATION.get();
		NetTrace trace = (application != null) ? application.lookupTrace() : NetTrace.NONE;
		if (trace == NetTrace.NONE) {
			return lookup.run();
		}
		// also for the hooks: one of them may itself look up, to log for one
		NetTraceContext.Scope scope = NetTraceContext.silent().open();
		List<InetAddress> addresses = List.of();
		Throwable error = null;
		trace.dnsStart(host);
		try {
			addresses = lookup.run();
			return addresses;
		}
		catch (Throwable ex) {
			error = ex;
			throw ex;
		}
		finally {
			trace.dnsDone(addresses, false, error);
			scope.close();
		}
	}

	/**
	 * Asks the JVM's built-in resolver.
	 */
	@FunctionalInterface
	public interface Lookup {

		/**
		 * Ask the resolver.
		 * @return the addresses in the JVM's order
		 * @throws UnknownHostException if there is no answer
		 */
		List<InetAddress> run() throws UnknownHostException;

	}

}
