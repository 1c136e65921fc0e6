package io.nettrace.demo;

/**
 * Where the page lists a scenario: by what it is about.
 */
enum Section {

	LOOKUPS("Lookups"),

	CONNECTS("Connects and proxies"),

	TLS("TLS"),

	CONNECTIONS("Kept connections"),

	RESPONSES("Responses");

	private final String title;

	Section(String title) {
		this.title = title;
	}

	/**
	 * Return the heading.
	 * @return what the page calls it
	 */
	String title() {
		return this.title;
	}

}
