package io.nettrace.client.reactor;

import java.lang.System.Logger.Level;
import java.lang.reflect.Field;

import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientInfos;
import reactor.netty.http.client.HttpClientState;
import reactor.netty.transport.TransportConfig;
import reactor.util.context.Context;

/**
 * Sees when an exchange gets a connection and when the pool has it back, after the
 * client's own observer. It is part of the key of the pool, as {@link TracedChannelInit}
 * is, and like it equal to another one if the clients' own observers are equal.
 */
final class TracedObserver implements ConnectionObserver {

	private static final System.Logger logger = System.getLogger(TracedObserver.class.getName());

	private static final @Nullable Field OBSERVER = observer();

	private final ConnectionObserver own;

	private TracedObserver(ConnectionObserver own) {
		this.own = own;
	}

	/**
	 * There is no way to replace an observer, only to add one to it.
	 */
	private static @Nullable Field observer() {
		try {
			Field field = TransportConfig.class.getDeclaredField("observer");
			field.setAccessible(true);
			return field;
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			logger.log(Level.DEBUG, "Clients with an observer of their own will not share pools", ex);
			return null;
		}
	}

	static boolean isIn(HttpClient client) {
		return client.configuration().connectionObserver() instanceof TracedObserver;
	}

	static HttpClient addTo(HttpClient client) {
		ConnectionObserver own = client.configuration().connectionObserver();
		HttpClient added = client.observe(new TracedObserver(ConnectionObserver.emptyListener()));
		if (own != ConnectionObserver.emptyListener() && OBSERVER != null) {
			try {
				OBSERVER.set(added.configuration(), new TracedObserver(own));
			}
			catch (IllegalAccessException ex) {
				throw new IllegalStateException(ex); // it has been made accessible
			}
		}
		return added;
	}

	@Override
	public void onStateChange(Connection connection, State newState) {
		this.own.onStateChange(connection, newState);
		if (newState == HttpClientState.REQUEST_PREPARED) {
			prepared(connection);
		}
		else if (newState == State.RELEASED) {
			released(connection);
		}
	}

	private static void prepared(Connection connection) {
		ReactorConnection channel = ReactorConnection.of(connection.channel());
		if (channel != null && connection instanceof HttpClientInfos infos) {
			ReactorRequest request = ReactorRequest.readFrom(infos.currentContextView());
			if (request != null) {
				request.gotConnection(channel, connection, infos);
			}
		}
	}

	private static void released(Connection connection) {
		ReactorConnection channel = ReactorConnection.of(connection.channel());
		if (channel != null) {
			ReactorExchange.released(channel, connection);
		}
	}

	@Override
	public void onUncaughtException(Connection connection, Throwable error) {
		this.own.onUncaughtException(connection, error);
	}

	@Override
	public Context currentContext() {
		return this.own.currentContext();
	}

	/**
	 * What the application adds later becomes the client's own too.
	 */
	@Override
	public ConnectionObserver then(ConnectionObserver other) {
		return new TracedObserver(this.own.then(other));
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof TracedObserver observer && observer.own.equals(this.own);
	}

	@Override
	public int hashCode() {
		return 31 * TracedObserver.class.hashCode() + this.own.hashCode();
	}

}
