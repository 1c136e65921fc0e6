package io.nettrace.client.okhttp;

import okhttp3.EventListener;
import okhttp3.OkHttpClient;

/**
 * What a builder does not tell in Kotlin's eyes: its getters are internal to OkHttp,
 * which is to say, public methods with a name that ends in OkHttp's. Building a client
 * only to ask it would read the machine's trusted certificates.
 */
final class BuilderSettings {

	private BuilderSettings() {
	}

	/**
	 * Return what makes a builder's event listeners.
	 * @throws LinkageError in a version of OkHttp that does not tell
	 */
	static EventListener.Factory eventListenerFactory(OkHttpClient.Builder builder) {
		return builder.getEventListenerFactory$okhttp();
	}

}
