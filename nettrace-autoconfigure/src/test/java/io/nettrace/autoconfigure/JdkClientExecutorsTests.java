package io.nettrace.autoconfigure;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodySubscribers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import io.nettrace.client.jdk.NetTraceJdk;
import io.nettrace.instrument.NetTracing;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpMethod;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Beside clients of the JDK's that have no executor.
 */
class JdkClientExecutorsTests {

	private static final InheritableThreadLocal<@Nullable String> OF_THE_REQUEST = new InheritableThreadLocal<>();

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	private final NetTraceJdk netTrace = new NetTraceJdk(new NetTracing());

	private final MockEnvironment environment = new MockEnvironment();

	@AfterEach
	void stop() {
		OF_THE_REQUEST.remove();
		this.server.close();
	}

	@Test
	void threadsAreLikeTheJdks() throws Exception {
		OF_THE_REQUEST.set("inherited");
		Thread.currentThread().setName("sender");
		List<String> threads = new ArrayList<>();
		for (HttpClient client : List.of(HttpClient.newHttpClient(),
				client(JdkClientExecutors.forClient(this.netTrace, this.environment)))) {
			CompletableFuture<String> thread = new CompletableFuture<>();
			client.sendAsync(HttpRequest.newBuilder(URI.create(this.server.url("127.0.0.9"))).build(), (response) -> {
				thread.complete(describe(Thread.currentThread()));
				return BodySubscribers.discarding();
			}).get(20, TimeUnit.SECONDS);
			threads.add(thread.get());
		}
		assertThat(threads.get(1)).isEqualTo(threads.get(0)).startsWith("HttpClient-#-Worker-#");
	}

	private static String describe(Thread thread) {
		return thread.getName().replaceAll("\\d+", "#") + " daemon=" + thread.isDaemon() + " priority="
				+ thread.getPriority() + " loader=" + thread.getContextClassLoader() + " inherited="
				+ OF_THE_REQUEST.get();
	}

	@Test
	void bodiesAreWrittenOnThreadsLikeSprings() throws Exception {
		List<String> threads = new ArrayList<>();
		for (HttpClient client : List.of(HttpClient.newHttpClient(),
				client(JdkClientExecutors.forRequestFactory(this.netTrace, this.environment)))) {
			ClientHttpRequest request = new JdkClientHttpRequestFactory(client)
				.createRequest(URI.create(this.server.url("127.0.0.9")), HttpMethod.POST);
			CompletableFuture<String> thread = new CompletableFuture<>();
			((StreamingHttpOutputMessage) request).setBody((body) -> {
				thread.complete(Thread.currentThread().getName().replaceAll("\\d+", "#"));
				body.write('a');
			});
			assertThat(status(request)).isEqualTo(204);
			threads.add(thread.get(20, TimeUnit.SECONDS));
		}
		assertThat(threads).containsExactly("SimpleAsyncTaskExecutor-#", "SimpleAsyncTaskExecutor-#");
	}

	@Test
	void threadsAreVirtualWhereBootsAre() {
		this.environment.setProperty("spring.threads.virtual.enabled", "true");
		if (Runtime.version().feature() < 21) {
			assertThat(nameOfAThread()).startsWith("HttpClient-");
		}
		else {
			assertThat(nameOfAThread()).startsWith("httpclient-");
		}
	}

	private String nameOfAThread() {
		CompletableFuture<String> name = new CompletableFuture<>();
		JdkClientExecutors.forClient(this.netTrace, this.environment)
			.execute(() -> name.complete(Thread.currentThread().getName()));
		return name.join();
	}

	private static int status(ClientHttpRequest request) throws IOException {
		try (var response = request.execute()) {
			return response.getStatusCode().value();
		}
	}

	private static HttpClient client(Executor executor) {
		return HttpClient.newBuilder().executor(executor).build();
	}

}
