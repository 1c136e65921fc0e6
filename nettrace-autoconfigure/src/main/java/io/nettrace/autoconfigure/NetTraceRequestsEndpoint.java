package io.nettrace.autoconfigure;

import java.util.List;

import io.nettrace.observation.recent.RecentRequest;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * Returns the last requests with their steps.
 */
@Endpoint(id = "nettracerequests")
class NetTraceRequestsEndpoint {

	private final ShownRequests requests;

	NetTraceRequestsEndpoint(ShownRequests requests) {
		this.requests = requests;
	}

	@ReadOperation
	Requests requests() {
		return new Requests(this.requests.toAnyone());
	}

	/**
	 * The response.
	 *
	 * @param requests the requests, the newest first
	 */
	record Requests(List<RecentRequest> requests) implements OperationResponseBody {
	}

}
