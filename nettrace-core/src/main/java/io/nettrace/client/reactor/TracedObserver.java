package io.nettrace.client.reactor;

import java.lang.System.Logger.Level;
import java.lang.reflect.Field;

import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientConfig;
import reactor.netty.http.client.HttpClientInfos;
import reactor.netty.http.client.HttpClientState;
import reactor.netty.transport.TransportConfig;
import reactor.util.context.Context;

/**
 * Sees when an exchange gets a connection and when the pool has it back, after the
 * client's own observer. A request that nothing watches goes without it. It is part of
 * the key of the pool, where it is the same as the client's own observer.
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

	static HttpClient addTo(HttpClient client) {
		ConnectionObserver own = client.configuration().connectionObserver();
		HttpClient added = client.observe(new TracedObserver(ConnectionObserver.emptyListener()));
		if (own != ConnectionObserver.emptyListener() && OBSERVER != null) {
			set(OBSERVER, added.configuration(), new TracedObserver(own));
		}
		return added;
	}

	/**
	 * Keep an observer in the settings of one request, or take it out: of two observers
	 * the library makes an array for each request.
	 */
	static void keep(HttpClientConfig request, boolean watched) {
		ConnectionObserver observer = request.connectionObserver();
		if (OBSERVER == null || (observer instanceof TracedObserver) == watched) {
			return;
		}
		set(OBSERVER, request, (observer instanceof TracedObserver traced) ? traced.own : new TracedObserver(observer));
	}

	private static void set(Field field, HttpClientConfig configuration, ConnectionObserver observer) {
		try {
			field.set(configuration, observer);
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex); // it has been made accessible
		}
	}

	@Override
	public void onStateChange(Connection connection, State newState) {
		this.own.onStateChange(connection, newState);
		if (newState == HttpClientState.REQUEST_PREPARED) {
			prepared(connection);
		}
		else if (newState == State.RELEASED) {
			ExchangeHandler.released(connection);
		}
	}

	private static void prepared(Connection connection) {
		ReactorRequest request = request(connection);
		if (request != null && connection instanceof HttpClientInfos infos) {
			ReactorConnection channel = ReactorConnection.of(connection.channel());
			if (channel != null) {
				request.gotConnection(channel, connection, infos);
			}
			else {
				request.gotUntracedConnection();
			}
		}
	}

	private static @Nullable ReactorRequest request(Connection connection) {
		return (connection instanceof HttpClientInfos infos) ? ReactorRequest.readFrom(infos.currentContextView())
				: null;
	}

	@Override
	public void onUncaughtException(Connection connection, Throwable error) {
		this.own.onUncaughtException(connection, error);
		ReactorRequest request = request(connection);
		if (request != null) {
			request.exchangeFailed();
		}
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
		return this.own.hashCode();
	}

}
