package io.nettrace.libraries;

/**
 * What can be shown of a library's calls.
 */
enum Step {

	LOOKUP("DNS lookup", "lookups"),

	ATTEMPT("socket connect", "each attempt"),

	PROXY("proxy connect", "proxy steps"),

	HANDSHAKE("TLS handshake", "handshakes");

	private final String span;

	private final String text;

	Step(String span, String text) {
		this.span = span;
		this.text = text;
	}

	/**
	 * The name of its spans.
	 */
	String span() {
		return this.span;
	}

	@Override
	public String toString() {
		return this.text;
	}

}
