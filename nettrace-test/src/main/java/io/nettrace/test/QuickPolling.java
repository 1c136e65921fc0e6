package io.nettrace.test;

import java.util.concurrent.TimeUnit;

import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Lets Awaitility look at what a test waits for every 10 ms. By default it looks every
 * 100 ms, and for the first time after 100 ms, which hundreds of tests spend on what has
 * happened long before. JUnit finds this class in every module that depends on this one.
 */
public final class QuickPolling implements LauncherSessionListener {

	private static final long MILLIS = 10;

	/**
	 * Create it, as JUnit does.
	 */
	public QuickPolling() {
	}

	@Override
	public void launcherSessionOpened(LauncherSession session) {
		try {
			Awaitility.setDefaultPollInterval(MILLIS, TimeUnit.MILLISECONDS);
		}
		catch (NoClassDefFoundError ex) {
			// a module whose tests do without it
		}
	}

}
