package io.nettrace.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.RequestReplySenderContext;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Headers;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;

/**
 * Makes calls of OkHttp's, some executed and some enqueued, and observes each: OkHttp has
 * no observations of its own.
 */
record OkHttpCaller(OkHttpClient client, ObservationRegistry observations) implements TracedClient.Caller {

	private static final MediaType TEXT = MediaType.get("text/plain");

	@Override
	public void get(String url) {
		try {
			observation().observeChecked(() -> {
				try (Response response = call(HttpMethod.GET, url, Map.of(), null).execute()) {
					return response.body().string();
				}
			});
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public String exchange(HttpMethod method, String url, Map<String, String> headers, @Nullable String body) {
		CompletableFuture<String> answer = new CompletableFuture<>();
		enqueue(call(method, url, headers, body), answer);
		try {
			return answer.join();
		}
		catch (CompletionException ex) {
			throw new IllegalStateException(ex.getCause());
		}
	}

	@Override
	public TracedClient.Call start(String url) {
		Call call = call(HttpMethod.GET, url, Map.of(), null);
		CompletableFuture<String> answer = new CompletableFuture<>();
		Thread thread = new Thread(() -> enqueue(call, answer), "caller");
		thread.start();
		return new TracedClient.Call(thread, answer.thenApply((body) -> null), call::cancel);
	}

	private void enqueue(Call call, CompletableFuture<String> answer) {
		Observation observation = observation().start();
		observation.scoped(() -> call.enqueue(new Callback() {

			@Override
			public void onFailure(Call call, IOException failure) {
				observation.error(failure);
				observation.stop();
				answer.completeExceptionally(failure);
			}

			@Override
			public void onResponse(Call call, Response response) {
				try (ResponseBody body = response.body()) {
					String text = body.string();
					observation.stop();
					answer.complete(text);
				}
				catch (IOException ex) {
					onFailure(call, ex);
				}
			}

		}));
	}

	/**
	 * As Micrometer's own interceptor for OkHttp makes it.
	 */
	private Observation observation() {
		return Observation.createNotStarted("http.client.requests", OkHttpCaller::context, this.observations)
			.contextualName("http get");
	}

	private static RequestReplySenderContext<Object, Object> context() {
		RequestReplySenderContext<Object, Object> context = new RequestReplySenderContext<>((carrier, key, value) -> {
		});
		context.setCarrier(context);
		return context;
	}

	private Call call(HttpMethod method, String url, Map<String, String> headers, @Nullable String body) {
		return this.client.newCall(new Request.Builder().url(url)
			.headers(Headers.of(headers))
			.method(method.name(), (body != null) ? RequestBody.create(body, TEXT) : null)
			.build());
	}

}
