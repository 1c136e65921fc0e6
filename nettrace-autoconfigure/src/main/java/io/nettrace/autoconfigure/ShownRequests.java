package io.nettrace.autoconfigure;

import java.util.List;
import java.util.function.UnaryOperator;

import io.nettrace.observation.recent.RecentRequest;
import io.nettrace.observation.recent.RecentRequests;
import io.nettrace.observation.span.AddressMask;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.Sanitizer;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.SecurityContext;

/**
 * The last requests, with as much as a user may see: addresses are shown or hidden as in
 * {@link NetTraceEndpoint}. Each endpoint that shows them imports it.
 */
final class ShownRequests {

	private final RecentRequests requests;

	private final NetTraceEndpointProperties properties;

	private final Sanitizer sanitizer;

	ShownRequests(RecentRequests requests, NetTraceEndpointProperties properties,
			ObjectProvider<SanitizingFunction> sanitizingFunctions) {
		this.requests = requests;
		this.properties = properties;
		this.sanitizer = new Sanitizer(sanitizingFunctions.orderedStream().toList());
	}

	/**
	 * Return what is shown where the user is not known.
	 */
	List<RecentRequest> toAnyone() {
		return requests(this.properties.showValues().isShown(true));
	}

	List<RecentRequest> to(SecurityContext user) {
		return requests(this.properties.showValues().isShown(user, this.properties.roles()));
	}

	private List<RecentRequest> requests(boolean shown) {
		UnaryOperator<String> host = shown ? UnaryOperator.identity() : AddressMask::maskHost;
		return this.requests.requests()
			.stream()
			.map((request) -> request.sanitize(host,
					(key, value) -> String
						.valueOf(this.sanitizer.sanitize(new SanitizableData(null, key, value), shown))))
			.toList();
	}

}
