package io.nettrace.client.jetty;

import java.lang.System.Logger.Level;
import java.util.function.Function;

import io.nettrace.client.AddressFilters;
import io.nettrace.dial.DialSettings;
import io.nettrace.dns.LookupGroup;
import io.nettrace.instrument.NetTracing;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.component.LifeCycle;
import org.jspecify.annotations.Nullable;

/**
 * Instruments a client while it starts. Only then does the client have its resolver,
 * which is its default one as a rule, around which Spring Boot has put an address filter
 * by then. When the client stops it drops its request listeners and protocol handlers.
 */
final class ClientInstrumentation extends AbstractLifeCycle implements LifeCycle.Listener {

	private static final System.Logger logger = System.getLogger(ClientInstrumentation.class.getName());

	private final HttpClient client;

	private final NetTracing tracing;

	private final JettyConnections connections;

	private final QueuedRequests requests;

	private final Function<SocketAddressResolver, LookupGroup> lookups;

	private final @Nullable JettyRaces races;

	private @Nullable TracedSocketAddressResolver traced;

	/**
	 * What the client made of {@link #traced}: the same, or an address filter around it.
	 */
	private @Nullable SocketAddressResolver installed;

	/**
	 * The same, if it is known that it leaves out nothing more.
	 */
	private @Nullable SocketAddressResolver answering;

	/**
	 * Create an instance.
	 * @param client the client
	 * @param tracing where requests get their trace
	 * @param lookups makes the lookups of a resolver
	 * @param race how addresses race, or {@code null} for one after the other
	 */
	ClientInstrumentation(HttpClient client, NetTracing tracing, Function<SocketAddressResolver, LookupGroup> lookups,
			@Nullable DialSettings race) {
		this.client = client;
		this.tracing = tracing;
		this.connections = new JettyConnections(client, tracing);
		this.requests = new QueuedRequests(tracing, this.connections);
		this.lookups = lookups;
		this.races = (race != null) ? new JettyRaces(client, race) : null;
	}

	@Override
	protected void doStart() {
		try {
			SocketAddressResolver resolver = this.client.getSocketAddressResolver();
			if (resolver != this.installed) {
				wrap(resolver);
			}
			TracedConnectListener connects = TracedConnectListener.addTo(this.client.getClientConnector(),
					this.tracing);
			this.connections.connectedBy(connects);
			if (this.races != null) {
				this.races.begin(connects, this.answering);
			}
			if (!this.client.contains(this.connections)) { // it may start again
				this.client.addBean(this.connections);
			}
			new ExchangeEvents(this.client, this.requests, this.connections).listen();
		}
		catch (RuntimeException ex) {
			logger.log(Level.WARNING, "A Jetty client is not traced: it does not let itself be instrumented", ex);
		}
	}

	/**
	 * The client's resolver stays one of its beans, which it starts and stops.
	 */
	private void wrap(SocketAddressResolver resolver) {
		boolean managed = this.client.isManaged(resolver);
		if (managed) {
			this.client.unmanage(resolver); // to be removed without being stopped
		}
		TracedSocketAddressResolver traced = new TracedSocketAddressResolver(
				InnermostSocketAddressResolver.inside(resolver), this.requests, this.lookups.apply(resolver),
				this.client, this.races);
		this.client.setSocketAddressResolver(traced);
		if (managed) {
			this.client.addBean(resolver, true);
		}
		else {
			this.client.addBean(resolver);
		}
		this.traced = traced;
		SocketAddressResolver installed = this.client.getSocketAddressResolver();
		this.installed = installed;
		this.answering = isKnown(installed, traced, resolver) ? installed : null;
		if (this.races != null && this.answering == null) {
			logger.log(Level.WARNING,
					"The addresses of a Jetty client do not race: it has put a resolver of its own around the traced one, "
							+ installed.getClass().getName());
		}
	}

	/**
	 * Whether all that the traced resolver answers is connected to. An address filter
	 * that the client has put around it has been around the client's own resolver, too,
	 * which is inside: it has nothing left to leave out.
	 */
	private static boolean isKnown(SocketAddressResolver installed, SocketAddressResolver traced,
			SocketAddressResolver original) {
		return installed == traced || (installed.getClass() == original.getClass()
				&& AddressFilters.innermost(installed, SocketAddressResolver.class) == traced);
	}

	/**
	 * The client stops; its destinations, which fail their requests, come next.
	 */
	@Override
	public void lifeCycleStopping(LifeCycle stopping) {
		TracedSocketAddressResolver traced = this.traced;
		if (traced != null) {
			traced.stop();
		}
		if (this.races != null) {
			this.races.stop();
		}
	}

}
