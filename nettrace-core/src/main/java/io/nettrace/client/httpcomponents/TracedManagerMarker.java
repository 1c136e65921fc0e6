package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.Socket;

import javax.net.ssl.SSLSocket;

import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.jspecify.annotations.Nullable;

/**
 * Tells the connection manager that Spring Boot builds from one that the application has
 * set instead, and leads to its traced twin. It travels as the connection factory, which
 * a manager keeps. The only place with reflection: the builder has no getters (HttpClient
 * 5.6 and 5.7-alpha1).
 */
final class TracedManagerMarker implements HttpConnectionFactory<ManagedHttpClientConnection> {

	private final HttpConnectionFactory<ManagedHttpClientConnection> delegate;

	private @Nullable HttpClientConnectionManager tracedTwin;

	private TracedManagerMarker(@Nullable HttpConnectionFactory<ManagedHttpClientConnection> delegate) {
		this.delegate = (delegate != null) ? delegate : ManagedHttpClientConnectionFactory.INSTANCE;
	}

	static void put(PoolingHttpClientConnectionManagerBuilder builder, NetTraceHttpComponents netTrace)
			throws ReflectiveOperationException {
		HttpConnectionFactory<ManagedHttpClientConnection> factory = connectionFactory(builder);
		if (factory instanceof TracedManagerMarker || builder instanceof TracedConnectionManagerBuilder) {
			return;
		}
		PoolingHttpClientConnectionManagerBuilder twin = netTrace.connectionManagerBuilder();
		copySettings(builder, twin);
		TracedManagerMarker marker = new TracedManagerMarker(factory);
		marker.tracedTwin = twin.build();
		builder.setConnectionFactory(marker);
	}

	@SuppressWarnings("unchecked")
	private static @Nullable HttpConnectionFactory<ManagedHttpClientConnection> connectionFactory(
			PoolingHttpClientConnectionManagerBuilder builder) throws ReflectiveOperationException {
		return (HttpConnectionFactory<ManagedHttpClientConnection>) read(
				PoolingHttpClientConnectionManagerBuilder.class, "connectionFactory", builder);
	}

	/**
	 * All fields, without a list of names: releases add some.
	 */
	private static void copySettings(PoolingHttpClientConnectionManagerBuilder from,
			PoolingHttpClientConnectionManagerBuilder to) throws ReflectiveOperationException {
		for (Field field : PoolingHttpClientConnectionManagerBuilder.class.getDeclaredFields()) {
			if (!Modifier.isStatic(field.getModifiers())) {
				field.setAccessible(true);
				field.set(to, field.get(from));
			}
		}
	}

	static @Nullable HttpClientConnectionManager tracedTwinOf(HttpClientConnectionManager manager)
			throws ReflectiveOperationException {
		if (manager instanceof PoolingHttpClientConnectionManager && read(PoolingHttpClientConnectionManager.class,
				"connFactory", manager) instanceof TracedManagerMarker marker) {
			return marker.tracedTwin;
		}
		return null;
	}

	private static @Nullable Object read(Class<?> type, String name, Object target)
			throws ReflectiveOperationException {
		Field field = type.getDeclaredField(name);
		field.setAccessible(true);
		return field.get(target);
	}

	@Override
	public ManagedHttpClientConnection createConnection(Socket socket) throws IOException {
		return this.delegate.createConnection(socket);
	}

	@Override
	public ManagedHttpClientConnection createConnection(SSLSocket sslSocket, Socket socket) throws IOException {
		return this.delegate.createConnection(sslSocket, socket);
	}

}
