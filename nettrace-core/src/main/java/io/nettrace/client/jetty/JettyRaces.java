package io.nettrace.client.jetty;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.nettrace.dial.AsyncDialer;
import io.nettrace.dial.DialSettings;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.jspecify.annotations.Nullable;

/**
 * The races of one client (Happy Eyeballs).
 */
final class JettyRaces {

	private final HttpClient client;

	private final AsyncDialer dialer;

	private final Set<Runnable> underWay = ConcurrentHashMap.newKeySet();

	private volatile @Nullable Start start;

	/**
	 * Create an instance.
	 * @param client whose addresses race
	 * @param settings how they race
	 */
	JettyRaces(HttpClient client, DialSettings settings) {
		this.client = client;
		this.dialer = new AsyncDialer(settings, (task) -> client.getExecutor().execute(task));
	}

	/**
	 * The client starts.
	 * @param connects is told of each attempt
	 * @param resolver answers what is connected to, all of it; {@code null} if that is
	 * not known: then nothing races
	 */
	void begin(TracedConnectListener connects, @Nullable SocketAddressResolver resolver) {
		this.start = (resolver != null) ? new Start(connects, resolver) : null;
	}

	/**
	 * Let the addresses of a host race, unless something is between them and the sockets:
	 * a proxy, or a transport of the application's own.
	 * @param context what Jetty knows of the connection
	 * @param dial the dial, {@code null} if nothing listens
	 * @param promise gets the addresses
	 * @return gets them in its place
	 */
	Promise<List<InetSocketAddress>> of(Map<String, Object> context, @Nullable DialTrace dial,
			Promise<List<InetSocketAddress>> promise) {
		Start start = this.start;
		Destination destination = QueuedRequests.destination(context);
		if (start == null || destination == null || destination.getProxy() != null
				|| context.get(Transport.CONTEXT_KEY) != Transport.TCP_IP
				|| this.client.getSocketAddressResolver() != start.resolver()) {
			return promise;
		}
		return new Promise.Wrapper<>(promise) {

			@Override
			public void succeeded(List<InetSocketAddress> addresses) {
				if (isRace(addresses)) {
					context.computeIfPresent(Transport.CONTEXT_KEY,
							(key, transport) -> new RacingTransport(JettyRaces.this, start.connects(),
									(Transport) transport, addresses, dial));
				}
				super.succeeded(addresses);
			}

		};
	}

	/**
	 * A connect that blocks is over before the next one could begin.
	 */
	private boolean isRace(@Nullable List<InetSocketAddress> addresses) {
		return addresses != null
				&& addresses.stream().noneMatch((address) -> Objects.isNull(address) || address.isUnresolved())
				&& this.dialer.races(addresses) && !this.client.getClientConnector().isConnectBlocking();
	}

	AsyncDialer dialer() {
		return this.dialer;
	}

	boolean isRunning() {
		return this.client.isRunning();
	}

	/**
	 * Take note of a race.
	 * @param end ends it
	 */
	void add(Runnable end) {
		this.underWay.add(end);
	}

	void remove(Runnable end) {
		this.underWay.remove(end);
	}

	/**
	 * The client stops. Jetty does not tell of a connect that it gives up.
	 */
	void stop() {
		this.underWay.forEach(Runnable::run);
	}

	/**
	 * What is known since the client has started.
	 *
	 * @param connects is told of each attempt
	 * @param resolver the client's, as long as it is the same
	 */
	private record Start(TracedConnectListener connects, SocketAddressResolver resolver) {
	}

}
