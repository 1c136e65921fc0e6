package io.nettrace.autoconfigure;

import java.util.Map;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * Returns the last requests as a HAR file.
 */
@Endpoint(id = "nettracehar")
class NetTraceHarEndpoint {

	private final ShownRequests requests;

	NetTraceHarEndpoint(ShownRequests requests) {
		this.requests = requests;
	}

	@ReadOperation
	Map<String, Object> har() {
		return OperationResponseBody.of(Har.of(this.requests.toAnyone()));
	}

}
