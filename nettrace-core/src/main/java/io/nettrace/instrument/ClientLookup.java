package io.nettrace.instrument;

/**
 * A lookup of a client library whose resolver is left alone, and which tells of it
 * itself: the JVM's lookups below it are not told again. Begin and end are called by the
 * thread that looks up.
 */
public final class ClientLookup {

	private static final ThreadLocal<Boolean> UNDER_WAY = new ThreadLocal<>();

	private ClientLookup() {
	}

	/**
	 * A lookup begins on the current thread.
	 */
	public static void begin() {
		UNDER_WAY.set(true);
	}

	/**
	 * The lookup of the current thread is over, if there was one.
	 */
	public static void end() {
		UNDER_WAY.remove();
	}

	/**
	 * Whether the current thread is in such a lookup.
	 * @return {@code true} between begin and end
	 */
	public static boolean isUnderWay() {
		return UNDER_WAY.get() != null;
	}

}
