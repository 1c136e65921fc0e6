package io.nettrace.equality;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * What an application does with OkHttp: settings of clients that are instrumented by
 * hand, on a builder, and as beans.
 */
final class OkHttpScenarios {

	static final Duration SHORT = Duration.ofMillis(600);

	static final long AT_MOST_SECONDS = 15;

	private OkHttpScenarios() {
	}

	static List<Scenario> all() {
		List<Scenario> scenarios = new ArrayList<>();
		OkHttpListenerScenarios.addTo(scenarios);
		OkHttpInterceptorScenarios.addTo(scenarios);
		OkHttpCallScenarios.addTo(scenarios);
		OkHttpClientScenarios.addTo(scenarios);
		OkHttpNetworkScenarios.addTo(scenarios);
		scenarios.replaceAll((scenario) -> scenario.on((client) -> client.library() == Library.OK_HTTP));
		return scenarios;
	}

	/**
	 * A client of the application's own, instrumented by hand.
	 */
	static OkHttpClient byHand(Stage stage, Consumer<OkHttpClient.Builder> settings) {
		OkHttpClient.Builder builder = new OkHttpClient.Builder();
		settings.accept(builder);
		return stage.application().instrumented(OkHttpClient.class, builder.build());
	}

	static Caller.Direct caller(Stage stage, Consumer<OkHttpClient.Builder> settings) {
		return Caller.of(byHand(stage, settings), stage.transcript());
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	static <T> T nothing() {
		return null;
	}

	static Consumer<OkHttpClient.Builder> listening(Stage stage, @Nullable String throwsAt) {
		return (builder) -> builder.eventListenerFactory((call) -> {
			stage.noteThread("listener of " + call.request().method());
			return new OwnListener(stage, throwsAt);
		});
	}

	static Consumer<OkHttpClient.Builder> trusting(Stage stage, String name) {
		return (builder) -> builder.sslSocketFactory(stage.certificates(name).getSocketFactory(), stage.trust(name));
	}

	static Thread quiet(Runnable task) {
		Thread thread = new Thread(task, "equality-dispatcher");
		thread.setDaemon(true);
		thread.setUncaughtExceptionHandler((failed, ex) -> {
		});
		return thread;
	}

	/**
	 * Enqueue a call, wait for what it calls back, and record that.
	 */
	static void enqueue(Stage stage, OkHttpClient client, Request request) throws InterruptedException {
		CountDownLatch done = new CountDownLatch(1);
		stage.note("enqueue " + request.method() + " " + request.uri());
		try {
			client.newCall(Caller.Direct.request(request)).enqueue(callback(stage, done));
		}
		catch (RuntimeException ex) {
			stage.transcript().add(Outcomes.of(ex));
			return;
		}
		if (!done.await(AT_MOST_SECONDS, TimeUnit.SECONDS)) {
			stage.note("not called back");
		}
		Caller.awaitRelease();
	}

	static Callback callback(Stage stage, CountDownLatch done) {
		return new Callback() {

			@Override
			public void onFailure(Call call, IOException failure) {
				stage.noteThread("failed");
				stage.transcript().add(Outcomes.of(failure));
				done.countDown();
			}

			@Override
			public void onResponse(Call call, Response response) throws IOException {
				try (response) {
					stage.noteThread("answered");
					stage.transcript().add(Outcomes.of(Caller.Direct.entity(response)));
				}
				finally {
					done.countDown();
				}
			}

		};
	}

	static void await(CountDownLatch latch) {
		try {
			if (!latch.await(AT_MOST_SECONDS, TimeUnit.SECONDS)) {
				throw new IllegalStateException("waited in vain");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
