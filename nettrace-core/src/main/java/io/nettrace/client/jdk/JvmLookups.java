package io.nettrace.client.jdk;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.instrument.ClientLookup;
import io.nettrace.instrument.JvmAnswers;
import org.jspecify.annotations.Nullable;

/**
 * Where the JVM's resolver and an application meet. The JVM makes its resolver once, at
 * its first lookup, before there is any application. Of several applications in one JVM
 * the one that was ready last sees the lookups, and when it ends the one before it does.
 */
public final class JvmLookups {

	// In the order in which they became ready; guarded by itself
	private static final List<NetTraceJdk> APPLICATIONS = new ArrayList<>();

	private static volatile @Nullable NetTraceJdk current;

	/**
	 * The JVM has taken nettrace's provider, so that each of its lookups is told from now
	 * on.
	 */
	public static void begin() {
		JvmAnswers.watch();
	}

	private JvmLookups() {
	}

	/**
	 * Trace the JVM's lookups from now on.
	 * @param application gives lookups their traces
	 */
	public static void traceWith(NetTraceJdk application) {
		synchronized (APPLICATIONS) {
			APPLICATIONS.remove(application);
			APPLICATIONS.add(application);
			current = application;
		}
	}

	/**
	 * Trace the JVM's lookups no longer for an application that ends. Those that started
	 * before it and have not ended get them back.
	 * @param application what was given to {@link #traceWith}
	 */
	public static void stopTracingWith(NetTraceJdk application) {
		synchronized (APPLICATIONS) {
			APPLICATIONS.remove(application);
			current = APPLICATIONS.isEmpty() ? null : APPLICATIONS.get(APPLICATIONS.size() - 1);
		}
	}

	/**
	 * Look up a name for the JVM, with hooks if it is for a traced request. Called by the
	 * thread that needs the answer, under a lock by which the JVM keeps other threads
	 * from looking up the same name.
	 * @param host the name
	 * @param lookup asks the JVM's built-in resolver
	 * @return the answer
	 * @throws UnknownHostException if there is none
	 */
	public static List<InetAddress> resolve(String host, Lookup lookup) throws UnknownHostException {
		boolean found = false;
		try {
			List<InetAddress> addresses = resolveWithHooks(host, lookup);
			found = true;
			return addresses;
		}
		finally {
			JvmAnswers.answered(host, found);
		}
	}

	private static List<InetAddress> resolveWithHooks(String host, Lookup lookup) throws UnknownHostException {
		NetTraceJdk application = current;
		NetTrace trace = (application != null && !ClientLookup.isUnderWay()) ? application.lookupTrace()
				: NetTrace.NONE;
		if (trace == NetTrace.NONE) {
			return lookup.run();
		}
		// also for the hooks: one of them may itself look up, to log for one
		NetTraceContext.Scope scope = NetTraceContext.silent().open();
		try {
			return resolve(host, lookup, trace);
		}
		finally {
			scope.close();
		}
	}

	private static List<InetAddress> resolve(String host, Lookup lookup, NetTrace trace) throws UnknownHostException {
		List<InetAddress> addresses = List.of();
		Throwable error = null;
		try {
			trace.dnsStart(host);
			addresses = lookup.run();
			return addresses;
		}
		catch (Throwable ex) {
			error = ex;
			throw ex;
		}
		finally {
			trace.dnsAnswer(DnsAnswerInfo.of(DnsAnswerInfo.Source.SYSTEM, null));
			trace.dnsDone(addresses, false, error);
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
