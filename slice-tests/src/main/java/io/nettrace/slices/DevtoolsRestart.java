package io.nettrace.slices;

import java.lang.ref.WeakReference;

import io.nettrace.instrument.NetTracing;
import org.springframework.boot.devtools.restart.Restarter;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Restarts the application once, as devtools does after a class has changed, and checks
 * that the old context and class loader are gone.
 */
final class DevtoolsRestart {

	private DevtoolsRestart() {
	}

	/**
	 * Restart the application, if it has not been restarted yet.
	 * @param context the running application
	 * @return whether the application will be closed and started again
	 */
	static boolean begin(ConfigurableApplicationContext context) {
		WeakReference<NetTracing> current = new WeakReference<>(context.getBean(NetTracing.class));
		WeakReference<?> first = (WeakReference<?>) Restarter.getInstance()
			.getOrAddAttribute("slice.tracing", () -> current);
		if (first == current) {
			new Thread(Restarter.getInstance()::restart, "restart").start();
			return true;
		}
		SliceApplication.print("restart", "the first NetTracing is " + (isCollected(first) ? "gone" : "still there"));
		return false;
	}

	private static boolean isCollected(WeakReference<?> reference) {
		for (int i = 0; i < 50 && reference.get() != null; i++) {
			System.gc();
		}
		return reference.get() == null;
	}

}
