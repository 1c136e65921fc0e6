package io.nettrace.autoconfigure;

import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * The endpoint over HTTP, where the user is known.
 */
@EndpointWebExtension(endpoint = NetTraceEndpoint.class)
class NetTraceEndpointWebExtension {

	private final NetTraceEndpoint endpoint;

	private final Show showValues;

	private final Set<String> roles;

	NetTraceEndpointWebExtension(NetTraceEndpoint endpoint, Show showValues, Set<String> roles) {
		this.endpoint = endpoint;
		this.showValues = showValues;
		this.roles = roles;
	}

	@ReadOperation
	NetTraceEndpoint.Hosts hosts(SecurityContext securityContext) {
		return this.endpoint.hosts(isShown(securityContext));
	}

	@ReadOperation
	WebEndpointResponse<@Nullable HostActivity> host(SecurityContext securityContext, @Selector String host) {
		HostActivity activity = this.endpoint.host(host, isShown(securityContext));
		return new WebEndpointResponse<>(activity,
				(activity != null) ? WebEndpointResponse.STATUS_OK : WebEndpointResponse.STATUS_NOT_FOUND);
	}

	private boolean isShown(SecurityContext securityContext) {
		return this.showValues.isShown(securityContext, this.roles);
	}

}
