package io.nettrace.slices;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/**
 * Sends with Boot's RestClient.
 */
@Component
@ConditionalOnClass(RestClientAutoConfiguration.class)
final class RestClientCalls implements Calls {

	private final RestClient client;

	RestClientCalls(RestClient.Builder builder) {
		this.client = builder.build();
	}

	@Override
	public int get(String url) {
		return this.client.get().uri(url).retrieve().toBodilessEntity().getStatusCode().value();
	}

	@Override
	public String toString() {
		return "RestClient";
	}

}
