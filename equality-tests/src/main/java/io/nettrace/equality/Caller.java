package io.nettrace.equality;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/**
 * Sends requests with RestClient, WebClient or OkHttp.
 */
abstract sealed class Caller {

	private static final long RELEASE_NANOS = TimeUnit.MILLISECONDS.toNanos(40);

	private static final long JOIN_SECONDS = 30;

	private static final long GIVE_UP_SECONDS = 15;

	private final Transcript transcript;

	private Caller(Transcript transcript) {
		this.transcript = transcript;
	}

	static Caller of(RestClient.Builder builder, Transcript transcript) {
		return new Imperative(builder, transcript);
	}

	static Caller of(WebClient.Builder builder, Transcript transcript) {
		return new Reactive(builder, transcript);
	}

	static Caller.Direct of(OkHttpClient client, Transcript transcript) {
		return new Direct(client, transcript);
	}

	/**
	 * Send a request, wait for its response, and record the outcome.
	 */
	void send(Request request) {
		this.transcript.add("call " + request.method() + " " + request.uri());
		outcome(request).forEach((line) -> this.transcript.add("  " + line));
		awaitRelease();
	}

	/**
	 * Some libraries return the connection to the pool a moment after the caller has the
	 * response. A request sent sooner might open another one.
	 */
	static void awaitRelease() {
		LockSupport.parkNanos(RELEASE_NANOS);
	}

	/**
	 * As {@link #send}, for libraries that may wait for ever.
	 */
	void sendOrGiveUp(Request request) throws InterruptedException {
		Thread thread = new Thread(() -> send(request), "caller");
		thread.setDaemon(true);
		thread.start();
		thread.join(TimeUnit.SECONDS.toMillis(GIVE_UP_SECONDS));
		if (thread.isAlive()) {
			this.transcript.add("  comes to no end");
		}
	}

	/**
	 * Send requests at the same time, each on its own thread, and record the outcomes in
	 * any order.
	 */
	void sendAtOnce(List<Request> requests) throws InterruptedException {
		List<String> outcomes = Collections.synchronizedList(new ArrayList<>());
		List<Thread> threads = new ArrayList<>();
		for (Request request : requests) {
			Thread thread = new Thread(() -> outcomes.add(outcome(request).toString()), "caller");
			thread.setDaemon(true);
			threads.add(thread);
			thread.start();
		}
		for (Thread thread : threads) {
			thread.join(TimeUnit.SECONDS.toMillis(JOIN_SECONDS));
		}
		outcomes.stream().sorted().forEach((outcome) -> this.transcript.add("at once: " + outcome));
	}

	/**
	 * Send a request and return the outcome.
	 */
	List<String> outcome(Request request) {
		try {
			return Outcomes.of(exchange(request));
		}
		catch (Throwable ex) {
			return Outcomes.of(ex);
		}
	}

	abstract @Nullable ResponseEntity<byte[]> exchange(Request request) throws IOException;

	/**
	 * A RestClient.
	 */
	static final class Imperative extends Caller {

		private final RestClient client;

		private Imperative(RestClient.Builder builder, Transcript transcript) {
			super(transcript);
			this.client = builder.build();
		}

		RestClient client() {
			return this.client;
		}

		@Override
		ResponseEntity<byte[]> exchange(Request request) {
			RestClient.RequestBodySpec spec = this.client.method(request.method()).uri(request.uri());
			request.headers().forEach((header) -> spec.header(header.getKey(), header.getValue()));
			byte[] body = request.body();
			if (body != null) {
				spec.body(body);
			}
			return spec.retrieve().toEntity(byte[].class);
		}

	}

	/**
	 * A WebClient.
	 */
	static final class Reactive extends Caller {

		private final WebClient client;

		private Reactive(WebClient.Builder builder, Transcript transcript) {
			super(transcript);
			this.client = builder.build();
		}

		WebClient client() {
			return this.client;
		}

		Mono<ResponseEntity<byte[]>> mono(Request request) {
			WebClient.RequestBodySpec spec = this.client.method(request.method()).uri(request.uri());
			request.headers().forEach((header) -> spec.header(header.getKey(), header.getValue()));
			byte[] body = request.body();
			if (body != null) {
				return spec.bodyValue(body).retrieve().toEntity(byte[].class);
			}
			return spec.retrieve().toEntity(byte[].class);
		}

		@Override
		@Nullable ResponseEntity<byte[]> exchange(Request request) {
			return mono(request).block();
		}

	}

	/**
	 * A client of OkHttp's.
	 */
	static final class Direct extends Caller {

		private final OkHttpClient client;

		private Direct(OkHttpClient client, Transcript transcript) {
			super(transcript);
			this.client = client;
		}

		OkHttpClient client() {
			return this.client;
		}

		static okhttp3.Request request(Request request) {
			okhttp3.Request.Builder builder = new okhttp3.Request.Builder().url(request.uri().toString());
			request.headers().forEach((header) -> builder.addHeader(header.getKey(), header.getValue()));
			byte[] body = request.body();
			return builder
				.method(request.method().name(), (body != null) ? RequestBody.create(body, (MediaType) null) : null)
				.build();
		}

		static ResponseEntity<byte[]> entity(Response response) throws IOException {
			HttpHeaders headers = new HttpHeaders();
			response.headers().forEach((header) -> headers.add(header.getFirst(), header.getSecond()));
			return new ResponseEntity<>(response.body().bytes(), headers, HttpStatusCode.valueOf(response.code()));
		}

		@Override
		ResponseEntity<byte[]> exchange(Request request) throws IOException {
			try (Response response = this.client.newCall(request(request)).execute()) {
				return entity(response);
			}
		}

	}

}
