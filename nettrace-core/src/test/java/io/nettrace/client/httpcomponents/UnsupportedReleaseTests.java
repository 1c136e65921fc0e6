package io.nettrace.client.httpcomponents;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import io.nettrace.client.OtherRelease;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A release of the library in which a field or a method that nettrace needs has another
 * name.
 */
class UnsupportedReleaseTests {

	private final List<String> warnings = new ArrayList<>();

	private final Logger logger = Logger.getLogger(UnsupportedRelease.class.getName());

	private final Handler handler = new Handler() {

		@Override
		public void publish(LogRecord entry) {
			UnsupportedReleaseTests.this.warnings.add(entry.getLevel() + " " + entry.getMessage());
		}

		@Override
		public void flush() {
		}

		@Override
		public void close() {
		}

	};

	@BeforeEach
	void listen() {
		this.logger.addHandler(this.handler);
	}

	@AfterEach
	void stopListening() {
		this.logger.removeHandler(this.handler);
	}

	@ParameterizedTest
	@CsvSource({ "classic.HttpClientBuilder, connManager",
			"io.PoolingHttpClientConnectionManagerBuilder, createConnectionOperator" })
	void clientKeepsItsConnectionManager(String type, String name) throws Exception {
		assertThat(run(Classic.class, type, name)).isEqualTo("as before, as before");
		assertThat(this.warnings).singleElement()
			.asString()
			.startsWith(Level.WARNING + " HttpComponents ")
			.contains("cannot be traced");
	}

	@ParameterizedTest
	@CsvSource({ "async.HttpAsyncClientBuilder, connManager", "async.HttpAsyncClientBuilder, ioSessionListener",
			"async.HttpAsyncClientBuilder, reuseStrategy",
			"nio.PoolingAsyncClientConnectionManagerBuilder, dnsResolver",
			"nio.PoolingAsyncClientConnectionManagerBuilder, createConnectionOperator" })
	void asyncClientStillHasOne(String type, String name) throws Exception {
		assertThat(run(Async.class, type, name)).isEqualTo("built, built");
		assertThat(this.warnings).singleElement()
			.asString()
			.startsWith(Level.WARNING + " Asynchronous HttpComponents ")
			.contains("cannot be traced");
	}

	private static String run(Class<?> client, String type, String name) throws Exception {
		Supplier<?> made = (Supplier<?>) new OtherRelease("org.apache.hc.client5.http.impl." + type, name,
				"org.apache.hc.client5.", "io.nettrace.client.httpcomponents.")
			.newInstance(client);
		return made.get() + ", " + made.get();
	}

	static final class Classic implements Supplier<String> {

		private final NetTraceHttpComponents netTrace = new NetTraceHttpComponents(new NetTracing(),
				LookupSettings.defaults(), LookupThreads.create());

		@Override
		public String get() {
			PoolingHttpClientConnectionManagerBuilder settings = PoolingHttpClientConnectionManagerBuilder.create();
			this.netTrace.prepare(settings);
			HttpClientConnectionManager manager = settings.build();
			HttpClientBuilder builder = HttpClientBuilder.create().setConnectionManager(manager);
			this.netTrace.instrument(builder);
			return (builder.getConnManager() == manager) ? "as before" : "replaced";
		}

	}

	static final class Async implements Supplier<String> {

		private final NetTraceHttpComponentsAsync netTrace = new NetTraceHttpComponentsAsync(new NetTracing(),
				LookupSettings.defaults(), LookupThreads.create());

		@Override
		public String get() {
			PoolingAsyncClientConnectionManagerBuilder settings = PoolingAsyncClientConnectionManagerBuilder.create();
			this.netTrace.prepare(settings);
			settings.setDnsResolver(new SystemDefaultDnsResolver());
			HttpAsyncClientBuilder builder = HttpAsyncClientBuilder.create().setConnectionManager(settings.build());
			return (this.netTrace.instrument(builder).build() != null) ? "built" : "not built";
		}

	}

}
