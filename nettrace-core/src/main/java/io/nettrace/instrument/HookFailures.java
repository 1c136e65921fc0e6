package io.nettrace.instrument;

import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Logs what code of the application throws while nettrace calls it: hooks, conventions,
 * observation handlers. Each culprit is logged when it fails first, and then at most
 * every ten minutes with the number of failures in between. Safe for use by several
 * threads; it never throws itself.
 */
public final class HookFailures {

	private static final int MAX_CULPRITS = 100;

	private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(10);

	private final System.Logger logger;

	private final LongSupplier nanoTime;

	// By the culprit's class name, the one that failed longest ago first. Guarded by
	// itself
	private final Map<String, Quiet> culprits = new LinkedHashMap<>(16, 0.75F, true) {

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, Quiet> eldest) {
			return size() > MAX_CULPRITS;
		}

	};

	/**
	 * Create an instance.
	 * @param logger where failures are logged
	 */
	public HookFailures(System.Logger logger) {
		this(logger, System::nanoTime);
	}

	HookFailures(System.Logger logger, LongSupplier nanoTime) {
		this.logger = logger;
		this.nanoTime = nanoTime;
	}

	private static final class Quiet {

		private final long since;

		private long failures;

		Quiet(long since) {
			this.since = since;
		}

	}

	/**
	 * Log a failure, unless the same culprit's was logged lately.
	 * @param called the hook that was called
	 * @param failure what it threw
	 */
	public void report(Object called, Throwable failure) {
		try {
			String culprit = culprit(called, failure);
			log(culprit, "A hook of " + culprit + " failed; the request goes on", failure);
		}
		catch (Throwable ex) {
			// out of stack or memory: what cannot be said must not do harm
		}
	}

	/**
	 * Log that the hooks themselves could not be made; the failure names the bean.
	 */
	void reportUnmade(Throwable failure) {
		try {
			log("", "The hooks could not be made; the request goes on without them, and the next one tries again",
					failure);
		}
		catch (Throwable ex) {
			// as above
		}
	}

	private void log(String culprit, String message, Throwable failure) {
		long now = this.nanoTime.getAsLong();
		long before;
		synchronized (this.culprits) {
			Quiet quiet = this.culprits.get(culprit);
			if (quiet != null && now - quiet.since < QUIET_NANOS) {
				quiet.failures++;
				return;
			}
			before = (quiet != null) ? quiet.failures : 0;
			this.culprits.put(culprit, new Quiet(now));
		}
		this.logger.log(Level.WARNING,
				message + ((before > 0) ? ", as " + before + " times since this was logged last" : "")
						+ ". More failures of this kind are counted, and logged every ten minutes",
				failure);
	}

	/**
	 * What was called may be nettrace's own, which has called something of the
	 * application's in turn, through Micrometer perhaps: the culprit is the code that
	 * those two called.
	 */
	private static String culprit(Object called, Throwable failure) {
		String culprit = called.getClass().getName();
		if (isOurs(culprit)) {
			for (StackTraceElement frame : failure.getStackTrace()) {
				if (isOurs(frame.getClassName())) {
					break;
				}
				if (!frame.getClassName().startsWith("java.")) {
					culprit = frame.getClassName();
				}
			}
		}
		return culprit;
	}

	private static boolean isOurs(String className) {
		return className.startsWith("io.nettrace.") || className.startsWith("io.micrometer.");
	}

	/**
	 * Whether a failure is one of the JVM's that nothing may keep to itself: of memory,
	 * or of the JVM itself. A stack that overflows is a hook's own fault.
	 * @param failure what was thrown
	 * @return the failure, or {@code null} if it is another one
	 */
	public static @Nullable VirtualMachineError fatal(Throwable failure) {
		return (failure instanceof VirtualMachineError error && !(error instanceof StackOverflowError)) ? error : null;
	}

	/**
	 * Throw a failure that nothing may keep to itself.
	 * @param failure what was thrown
	 */
	public static void throwIfFatal(Throwable failure) {
		VirtualMachineError fatal = fatal(failure);
		if (fatal != null) {
			throw fatal;
		}
	}

}
