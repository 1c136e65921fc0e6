package io.nettrace.libraries;

import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import reactor.core.publisher.Flux;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.async.SdkAsyncHttpResponseHandler;
import software.amazon.awssdk.http.async.SdkHttpContentPublisher;
import software.amazon.awssdk.utils.IoUtils;

/**
 * Calls through the HTTP clients of AWS SDK 2, as its service clients make them.
 */
final class AwsCalls {

	private AwsCalls() {
	}

	static String call(SdkHttpClient client, String url) throws Exception {
		HttpExecuteResponse response = client.prepareRequest(HttpExecuteRequest.builder().request(get(url)).build())
			.call();
		return IoUtils.toUtf8String(response.responseBody().orElseThrow());
	}

	static String call(SdkAsyncHttpClient client, String url) throws Exception {
		Body body = new Body();
		client
			.execute(AsyncExecuteRequest.builder()
				.request(get(url))
				.requestContentPublisher(new NoContent())
				.responseHandler(body)
				.build())
			.get();
		return body.text.get();
	}

	private static SdkHttpRequest get(String url) {
		return SdkHttpRequest.builder().method(SdkHttpMethod.GET).uri(URI.create(url)).build();
	}

	/**
	 * The body of a response.
	 */
	private static final class Body implements SdkAsyncHttpResponseHandler {

		private final CompletableFuture<String> text = new CompletableFuture<>();

		@Override
		public void onHeaders(SdkHttpResponse headers) {
		}

		@Override
		public void onStream(Publisher<ByteBuffer> stream) {
			Flux.from(stream)
				.map((part) -> StandardCharsets.UTF_8.decode(part).toString())
				.collect(Collectors.joining())
				.subscribe(this.text::complete, this.text::completeExceptionally);
		}

		@Override
		public void onError(Throwable error) {
			this.text.completeExceptionally(error);
		}

	}

	private static final class NoContent implements SdkHttpContentPublisher {

		@Override
		public Optional<Long> contentLength() {
			return Optional.of(0L);
		}

		@Override
		public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
			Flux.<ByteBuffer>empty().subscribe(subscriber);
		}

	}

}
