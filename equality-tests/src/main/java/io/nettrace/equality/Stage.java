package io.nettrace.equality;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.KeyStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;

import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.support.GenericApplicationContext;

import io.nettrace.equality.HttpConversation.Answer;
import io.nettrace.equality.Settings.Setting;

/**
 * What a scenario works with: servers, clients, and the transcript. Everything it opens
 * is closed when the scenario ends.
 */
final class Stage implements Closeable {

	private final Client client;

	private final Application shared;

	private final String keys;

	private final String scenario;

	private final Map<String, Application> applications;

	private final Transcript transcript = new Transcript();

	private final List<RecordingServer> servers = new ArrayList<>();

	private final List<String> ports = new ArrayList<>();

	private final Deque<Closeable> open = new ArrayDeque<>();

	/**
	 * Set up.
	 * @param client the client of this run
	 * @param shared an application without settings
	 * @param keys where the keystores are
	 * @param scenario the scenario
	 * @param applications those that stages share, by scenario and library
	 */
	Stage(Client client, Application shared, String keys, String scenario, Map<String, Application> applications) {
		this.scenario = scenario;
		this.applications = applications;
		this.client = client;
		this.shared = shared;
		this.keys = keys;
	}

	Client client() {
		return this.client;
	}

	Transcript transcript() {
		return this.transcript;
	}

	Application application() {
		return this.shared;
	}

	/**
	 * Start an application for this scenario, with any client of the library. Its beans
	 * are separate from the stage's.
	 */
	Application applicationOfScenario(Consumer<GenericApplicationContext> beans) {
		return this.applications.computeIfAbsent(this.scenario + this.client.library(), (key) -> application(beans));
	}

	/**
	 * Start an application for this stage alone. It is not closed, because closing one
	 * would end Reactor Netty's threads for all.
	 */
	Application application(Consumer<GenericApplicationContext> beans, String... properties) {
		return Application.start(this.client.library(), this.keys, beans, properties);
	}

	/**
	 * A client without any setting.
	 */
	Caller caller() {
		return caller(this.shared);
	}

	Caller caller(Application application) {
		return application.caller(this.client, this.transcript);
	}

	/**
	 * A client with a setting on the injected builder.
	 */
	Caller caller(Setting setting) {
		return caller(UnaryOperator.identity(), setting);
	}

	/**
	 * A client with settings of Boot's.
	 */
	Caller settings(UnaryOperator<HttpClientSettings> settings) {
		return caller(settings, (builder) -> builder);
	}

	Caller caller(UnaryOperator<HttpClientSettings> settings, Setting setting) {
		return this.shared.caller(this.client, this.transcript, settings, setting);
	}

	RecordingServer server(Answer answer) throws IOException {
		return server("server", "127.0.0.1", new HttpConversation(answer));
	}

	RecordingServer secureServer(String key, Answer answer) throws IOException {
		return server("secure", "127.0.0.1", new HttpConversation(certificates(key), answer));
	}

	RecordingServer server(String name, String address, Conversation conversation) throws IOException {
		return server(name, address, 0, conversation);
	}

	RecordingServer server(String name, String address, int port, Conversation conversation) throws IOException {
		RecordingServer server = opened(new RecordingServer(name, address, port, conversation));
		this.servers.add(server);
		port(name, server.port());
		return server;
	}

	/**
	 * Give a port a name, since its number varies.
	 */
	void port(String name, int port) {
		this.ports.add(name + " " + port);
	}

	/**
	 * A port of 127.0.0.1 where nothing listens. A socket is bound to it, so that nothing
	 * else gets it.
	 */
	int closedPort() throws IOException {
		Socket socket = opened(new Socket());
		socket.bind(new InetSocketAddress("127.0.0.1", 0));
		port("closed", socket.getLocalPort());
		return socket.getLocalPort();
	}

	SSLContext certificates(String name) {
		return Certificates.of(this.keys, name);
	}

	KeyStore keys(String name) {
		return Certificates.keys(this.keys, name);
	}

	X509TrustManager trust(String name) {
		return Certificates.trust(this.keys, name);
	}

	SslBundle bundle(String name) {
		return this.shared.bean(SslBundles.class).getBundle(name);
	}

	<T extends Closeable> T opened(T resource) {
		this.open.push(resource);
		return resource;
	}

	void note(String line) {
		this.transcript.add(line);
	}

	void noteThread(String where) {
		note(where + " on " + Thread.currentThread().getName());
	}

	/**
	 * Record what the servers have seen, and return the transcript.
	 */
	List<String> report() throws IOException {
		List<String> lines = new ArrayList<>();
		this.ports.forEach((port) -> lines.add("@port " + port));
		lines.addAll(this.transcript.lines());
		for (RecordingServer server : this.servers) {
			lines.addAll(server.report());
		}
		return lines;
	}

	@Override
	public void close() throws IOException {
		while (!this.open.isEmpty()) {
			this.open.pop().close();
		}
	}

}
