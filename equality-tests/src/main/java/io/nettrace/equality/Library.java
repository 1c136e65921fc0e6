package io.nettrace.equality;

/**
 * The libraries that Boot can build a client on, and OkHttp.
 */
enum Library {

	HTTP_COMPONENTS("http-components", "http-components"),

	JETTY("jetty", "jetty"),

	REACTOR_NETTY("reactor", "reactor"),

	JDK("jdk", "jdk"),

	HTTP_URL_CONNECTION("simple", "jdk"),

	/**
	 * A bean of the application. Boot's own clients are on the JDK's.
	 */
	OK_HTTP("jdk", "jdk");

	private final String factory;

	private final String connector;

	Library(String factory, String connector) {
		this.factory = factory;
		this.connector = connector;
	}

	/**
	 * The properties that make Boot choose it.
	 */
	String[] properties() {
		return new String[] { "spring.http.clients.imperative.factory=" + this.factory,
				"spring.http.clients.reactive.connector=" + this.connector };
	}

}
