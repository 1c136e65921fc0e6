package io.nettrace.demo;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Where traces are stored and found again.
 */
interface TraceBackend extends AutoCloseable {

	/**
	 * Return where to send spans.
	 */
	String otlpTracesUrl();

	/**
	 * Return the spans of a trace that have been stored so far.
	 */
	List<StoredSpan> trace(String traceId);

	/**
	 * Return a span's name as the backend stores it.
	 */
	default String storedName(String name) {
		return name;
	}

	/**
	 * Return a value of a span as the backend stores it.
	 */
	Object stored(Object attribute);

	@Override
	void close();

	/**
	 * A span as it comes back.
	 *
	 * @param links the ids of trace and span, with a slash between
	 */
	record StoredSpan(String spanId, @Nullable String parentId, String name, String service, long startMicros,
			long durationMicros, boolean error, Map<String, Object> attributes, List<String> links) {
	}

	/**
	 * Send a GET request. Return {@code null} if there is nothing (yet).
	 */
	static @Nullable String get(String url) {
		return send(HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(10)).build());
	}

	static @Nullable String send(HttpRequest request) {
		try {
			HttpResponse<String> response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
			return (response.statusCode() / 100 == 2) ? response.body() : null;
		}
		catch (IOException ex) {
			return null;
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Wait until a server answers, for at most a minute.
	 */
	static void awaitAnswer(String url) {
		long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
		while (get(url) == null) {
			if (System.nanoTime() > deadline) {
				throw new IllegalStateException("Nothing answers at " + url);
			}
			Thread.onSpinWait();
		}
	}

}
