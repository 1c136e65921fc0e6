package io.nettrace.autoconfigure;

import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * The last requests over HTTP, where the user is known.
 */
@EndpointWebExtension(endpoint = NetTraceRequestsEndpoint.class)
class NetTraceRequestsEndpointWebExtension {

	private final ShownRequests requests;

	NetTraceRequestsEndpointWebExtension(ShownRequests requests) {
		this.requests = requests;
	}

	@ReadOperation
	NetTraceRequestsEndpoint.Requests requests(SecurityContext securityContext) {
		return new NetTraceRequestsEndpoint.Requests(this.requests.to(securityContext));
	}

}
