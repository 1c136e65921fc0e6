package io.nettrace.client.httpcomponents;

import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;

/**
 * Says once that a release of the library is not as this adapter knows it. Clients then
 * work as without nettrace.
 */
final class UnsupportedRelease {

	private static final System.Logger logger = System.getLogger(UnsupportedRelease.class.getName());

	private final String client;

	private final Class<?> anyOfLibrary;

	private final AtomicBoolean warned = new AtomicBoolean();

	UnsupportedRelease(String client, Class<?> anyOfLibrary) {
		this.client = client;
		this.anyOfLibrary = anyOfLibrary;
	}

	void warn(String reason, @Nullable Throwable failure) {
		if (this.warned.compareAndSet(false, true)) {
			String version = this.anyOfLibrary.getPackage().getImplementationVersion();
			logger.log(System.Logger.Level.WARNING, this.client + ((version != null) ? " " + version : "")
					+ " cannot be traced as it should: " + reason, failure);
		}
	}

	boolean isWarned() {
		return this.warned.get();
	}

}
