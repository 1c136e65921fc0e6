package io.nettrace.conformance;

/**
 * A scenario has something that this runner, or Java, cannot express.
 */
final class UnsupportedScenarioException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	UnsupportedScenarioException(String what) {
		super(what);
	}

}
