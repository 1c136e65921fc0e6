package io.nettrace.page;

import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * The page's files, for a native image.
 */
class PageRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		PageResponses.files().forEach((name) -> hints.resources().registerPattern("io/nettrace/page/" + name));
	}

}
