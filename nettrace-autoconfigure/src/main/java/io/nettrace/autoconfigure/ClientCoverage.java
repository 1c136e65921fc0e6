package io.nettrace.autoconfigure;

import java.util.Locale;

import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/**
 * What the calls of one kind of client show, for the line in the log at start. Each
 * client library's auto-configuration declares its own.
 *
 * @param caller what the application uses, {@code RestClient} or {@code WebClient}
 * @param library the client library under it
 * @param builderType Boot's builder; there is a bean of this type if the library is in
 * use
 * @param shown what is shown
 */
record ClientCoverage(String caller, String library, Class<?> builderType, String shown) {

	static final String EVERYTHING = "dns, connect";

	/**
	 * Whether the application has the caller. The builders of both kinds are in one
	 * module of Boot, the callers in one each.
	 */
	boolean isCallerPresent(@Nullable ClassLoader classLoader) {
		return ClassUtils.isPresent(
				"org.springframework.boot." + this.caller.toLowerCase(Locale.ROOT) + "." + this.caller + "Customizer",
				classLoader);
	}

	@Override
	public String toString() {
		return this.caller + " on " + this.library + ": " + this.shown;
	}

}
