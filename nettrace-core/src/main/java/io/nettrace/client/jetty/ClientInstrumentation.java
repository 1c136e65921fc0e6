package io.nettrace.client.jetty;

import java.util.function.Function;

import io.nettrace.dns.LookupGroup;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.component.AbstractLifeCycle;

/**
 * Instruments a client while it starts. Only then does the client have its resolver,
 * which is its default one as a rule, around which Spring Boot has put an address filter
 * by then. When the client stops it drops its request listeners.
 */
final class ClientInstrumentation extends AbstractLifeCycle {

	private final HttpClient client;

	private final SendingRequests requests;

	private final TracedConnectListener connectListener;

	private final Function<SocketAddressResolver, LookupGroup> lookups;

	private boolean resolverWrapped;

	ClientInstrumentation(HttpClient client, SendingRequests requests, TracedConnectListener connectListener,
			Function<SocketAddressResolver, LookupGroup> lookups) {
		this.client = client;
		this.requests = requests;
		this.connectListener = connectListener;
		this.lookups = lookups;
	}

	@Override
	protected void doStart() {
		if (!this.resolverWrapped) {
			this.resolverWrapped = true;
			SocketAddressResolver resolver = this.client.getSocketAddressResolver();
			this.client.setSocketAddressResolver(
					new TracedSocketAddressResolver(InnermostSocketAddressResolver.inside(resolver), this.requests,
							this.lookups.apply(resolver), new ClientCaller(this.client)));
		}
		this.client.getRequestListeners().addQueuedListener(this.requests);
		// added once, even if clients share the connector
		this.client.getClientConnector().addEventListener(this.connectListener);
	}

}
