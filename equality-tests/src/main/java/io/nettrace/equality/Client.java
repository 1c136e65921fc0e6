package io.nettrace.equality;

/**
 * One of Spring's clients on one library, or OkHttp's own.
 */
enum Client {

	REST_CLIENT_ON_HTTP_COMPONENTS(Library.HTTP_COMPONENTS, false),

	REST_CLIENT_ON_JETTY(Library.JETTY, false),

	REST_CLIENT_ON_REACTOR_NETTY(Library.REACTOR_NETTY, false),

	REST_CLIENT_ON_JDK(Library.JDK, false),

	REST_CLIENT_ON_HTTP_URL_CONNECTION(Library.HTTP_URL_CONNECTION, false),

	WEB_CLIENT_ON_REACTOR_NETTY(Library.REACTOR_NETTY, true),

	WEB_CLIENT_ON_JETTY(Library.JETTY, true),

	WEB_CLIENT_ON_HTTP_COMPONENTS(Library.HTTP_COMPONENTS, true),

	WEB_CLIENT_ON_JDK(Library.JDK, true),

	OK_HTTP(Library.OK_HTTP, false);

	private final Library library;

	private final boolean reactive;

	Client(Library library, boolean reactive) {
		this.library = library;
		this.reactive = reactive;
	}

	Library library() {
		return this.library;
	}

	/**
	 * Whether it is WebClient.
	 */
	boolean isReactive() {
		return this.reactive;
	}

	/**
	 * Whether it is one of Spring's, with Boot's builders.
	 */
	boolean isOfSpring() {
		return this != OK_HTTP;
	}

	/**
	 * Whether the JVM looks up names, and an application cannot set a resolver.
	 */
	boolean isOnTheJvm() {
		return this.library == Library.JDK || this.library == Library.HTTP_URL_CONNECTION;
	}

}
