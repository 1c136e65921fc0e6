package io.nettrace.slices;

import java.util.Objects;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Sends with Boot's WebClient.
 */
@Component
@ConditionalOnClass(WebClientAutoConfiguration.class)
final class WebClientCalls implements Calls {

	private final Scheduler responses = Schedulers.newSingle("responses", true);

	private final WebClient client;

	WebClientCalls(WebClient.Builder builder) {
		this.client = builder.filter((request, next) -> next.exchange(request).publishOn(this.responses)).build();
	}

	@Override
	public int get(String url) {
		try {
			return Objects.requireNonNull(this.client.get().uri(url).retrieve().toBodilessEntity().block())
				.getStatusCode()
				.value();
		}
		finally {
			// WebClient's observation stops after the caller has its answer
			Mono.fromRunnable(() -> {
			}).subscribeOn(this.responses).block();
		}
	}

	@Override
	public String toString() {
		return "WebClient";
	}

}
