package io.nettrace.autoconfigure;

import java.util.Map;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * The HAR file over HTTP, where the user is known.
 */
@EndpointWebExtension(endpoint = NetTraceHarEndpoint.class)
class NetTraceHarEndpointWebExtension {

	private final ShownRequests requests;

	NetTraceHarEndpointWebExtension(ShownRequests requests) {
		this.requests = requests;
	}

	@ReadOperation(produces = "application/json")
	Map<String, Object> har(SecurityContext securityContext) {
		return OperationResponseBody.of(Har.of(this.requests.to(securityContext)));
	}

}
