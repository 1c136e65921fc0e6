package io.nettrace.demo;

import java.util.ArrayList;
import java.util.List;

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
 * What the scenarios connect to: three loopback addresses with one port. The
 * application's own web server also listens on the first one, so its spans join the
 * trace.
 */
@Component
final class Targets implements WebServerFactoryCustomizer<TomcatServletWebServerFactory>,
		ApplicationListener<ServletWebServerInitializedEvent>, DisposableBean {

	static final String ANSWERING = "127.0.0.2";

	static final String REFUSING = "127.0.0.3";

	static final String SILENT = "127.0.0.4";

	private final Connector answering = new Connector();

	private final List<AutoCloseable> faulty = new ArrayList<>();

	@Override
	public void customize(TomcatServletWebServerFactory factory) {
		this.answering.setProperty("address", ANSWERING);
		this.answering.setPort(0);
		factory.addAdditionalConnectors(this.answering);
	}

	@Override
	public void onApplicationEvent(ServletWebServerInitializedEvent event) {
		this.faulty.add(RefusingAddress.open(REFUSING, port()));
		this.faulty.add(BlackHole.open(SILENT, port()));
	}

	/**
	 * Return the port of all three.
	 * @return the port, once the web server has started
	 */
	int port() {
		return this.answering.getLocalPort();
	}

	@Override
	public void destroy() throws Exception {
		for (AutoCloseable target : this.faulty) {
			target.close();
		}
	}

}
