package io.nettrace.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.nettrace.test.BlackHole;
import io.nettrace.test.RefusingAddress;
import org.apache.catalina.connector.Connector;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.servlet.context.ServletWebServerInitializedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.stereotype.Component;

/**
 * What the scenarios connect to, all on loopback addresses. The application's own web
 * server also listens on the first one, with and without TLS, so its spans join the
 * trace; the others that refuse or are silent have its port. What no web server does, the
 * servers here do.
 */
@Component
final class Targets implements WebServerFactoryCustomizer<TomcatServletWebServerFactory>,
		ApplicationListener<ServletWebServerInitializedEvent>, DisposableBean {

	static final String ANSWERING = "127.0.0.2";

	static final String REFUSING = "127.0.0.3";

	static final String SILENT = "127.0.0.4";

	private final Connector plain = new Connector();

	private final Connector secure;

	private final Map<Server, SocketServer> misbehaving = Map.of(Server.HANGS_UP,
			CannedServer.start(ANSWERING, "200 OK"), Server.BUSY_AT_FIRST,
			CannedServer.start(ANSWERING, "503 Service Unavailable", "200 OK"), Server.SENDS_AWAY,
			GoAwayServer.start(ANSWERING));

	private final CannedServer proxy = CannedServer.start(ANSWERING, "403 Forbidden");

	private final List<AutoCloseable> open = new ArrayList<>();

	Targets(Certificates certificates) {
		this.secure = certificates.connector();
		this.open.addAll(this.misbehaving.values());
		this.open.add(this.proxy);
	}

	@Override
	public void customize(TomcatServletWebServerFactory factory) {
		for (Connector connector : List.of(this.plain, this.secure)) {
			connector.setProperty("address", ANSWERING);
			connector.setPort(0);
			factory.addAdditionalConnectors(connector);
		}
	}

	@Override
	public void onApplicationEvent(ServletWebServerInitializedEvent event) {
		int port = this.plain.getLocalPort();
		this.open.add(RefusingAddress.open(REFUSING, port));
		this.open.add(BlackHole.open(SILENT, port));
		if (!DeadAddress.LITERAL.equals(SILENT)) {
			this.open.add(BlackHole.open(DeadAddress.LITERAL, port));
		}
	}

	/**
	 * Return where a scenario's requests go.
	 * @param scenario the scenario
	 * @param path the path of one of its requests
	 * @return the URL, once the web server has started
	 */
	String url(Scenario scenario, String path) {
		return scenario.server().scheme() + "://" + scenario.host() + ":" + port(scenario.server()) + path;
	}

	private int port(Server server) {
		return switch (server) {
			case PLAIN -> this.plain.getLocalPort();
			case SECURE -> this.secure.getLocalPort();
			case HANGS_UP, BUSY_AT_FIRST, SENDS_AWAY -> Objects.requireNonNull(this.misbehaving.get(server)).port();
		};
	}

	/**
	 * Return the port of the proxy, which refuses all that it is asked for.
	 * @return the port on {@link #ANSWERING}
	 */
	int proxyPort() {
		return this.proxy.port();
	}

	@Override
	public void destroy() throws Exception {
		for (AutoCloseable target : this.open) {
			target.close();
		}
	}

}
