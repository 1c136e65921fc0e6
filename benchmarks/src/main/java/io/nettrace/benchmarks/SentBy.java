package io.nettrace.benchmarks;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.client.HttpClient;

/**
 * Something that sends requests to the server of {@link EndToEnd}.
 */
@FunctionalInterface
interface SentBy {

	/**
	 * Send requests and measure.
	 * @param path {@link TinyServer#CLOSE} or {@link TinyServer#KEEP}
	 * @param requests how many
	 */
	Cost send(String path, int requests);

	static SentBy rest(Load load, RestClient client, String server) {
		return (path, requests) -> {
			String url = server + path;
			return load.run(() -> client.get().uri(url).retrieve().body(String.class), requests);
		};
	}

	static SentBy reactorNetty(Load load, HttpClient client, String server) {
		return (path, requests) -> {
			String url = server + path;
			return load.run(() -> client.get().uri(url).responseContent().aggregate().asString().block(), requests);
		};
	}

	static SentBy async(Load load, CloseableHttpAsyncClient client, String server) {
		client.start();
		return (path, requests) -> {
			String url = server + path;
			return load.run(() -> get(client, url), requests);
		};
	}

	private static String get(CloseableHttpAsyncClient client, String url) {
		try {
			return client.execute(SimpleRequestBuilder.get(url).build(), null).get().getBodyText();
		}
		catch (InterruptedException | ExecutionException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static SentBy jetty(Load load, org.eclipse.jetty.client.HttpClient client, String server) {
		try {
			client.start();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
		return (path, requests) -> {
			String url = server + path;
			return load.run(() -> get(client, url), requests);
		};
	}

	private static String get(org.eclipse.jetty.client.HttpClient client, String url) {
		try {
			return client.GET(url).getContentAsString();
		}
		catch (InterruptedException | ExecutionException | TimeoutException ex) {
			throw new IllegalStateException(ex);
		}
	}

	static SentBy web(Load load, WebClient client, String server) {
		return (path, requests) -> {
			String url = server + path;
			return load.run(() -> client.get().uri(url).retrieve().bodyToMono(String.class).block(), requests);
		};
	}

}
