package io.nettrace.contract.stress;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

import io.micrometer.observation.Observation;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.dial.DialSettings;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * HttpComponents, which blocks the caller's thread.
 */
final class ClassicClients implements StressClients {

	private static final int MANY = 100;

	private final Map<Pool, CloseableHttpClient> clients = new EnumMap<>(Pool.class);

	ClassicClients(StressRun run) {
		for (Pool pool : Pool.values()) {
			DialSettings race = (pool == Pool.LARGE) ? DialSettings.defaults() : null;
			NetTraceHttpComponents netTrace = new NetTraceHttpComponents(run.tracing(), run.lookupSettings(pool),
					run.lookupThreads(), race);
			PoolingHttpClientConnectionManagerBuilder connections = netTrace.connectionManagerBuilder()
				.setDnsResolver(new Names.OfHttpComponents())
				.setTlsSocketStrategy(new DefaultClientTlsStrategy(run.authority().client()))
				.setMaxConnPerRoute((pool == Pool.SMALL) ? SMALL_PER_HOST : MANY)
				.setMaxConnTotal((pool == Pool.SMALL) ? SMALL_IN_ALL : MANY)
				.setDefaultConnectionConfig(connection(pool).build())
				.setDefaultTlsConfig(TlsConfig.custom().setHandshakeTimeout(Timeout.of(HANDSHAKE)).build());
			HttpClientBuilder builder = HttpClients.custom()
				.setConnectionManager(connections.build())
				.setRetryStrategy(new DefaultHttpRequestRetryStrategy(1, TimeValue.ofMilliseconds(3)));
			if (pool == Pool.SMALL) {
				builder.evictExpiredConnections().evictIdleConnections(TimeValue.of(IDLE));
			}
			if (pool == Pool.PROXIED) {
				builder.setProxy(new HttpHost("http", Names.LIVE, run.server().proxyPort()));
			}
			this.clients.put(pool, netTrace.instrument(builder).build());
		}
	}

	static ConnectionConfig.Builder connection(Pool pool) {
		ConnectionConfig.Builder connection = ConnectionConfig.custom().setConnectTimeout(Timeout.of(CONNECT));
		if (pool == Pool.SMALL) {
			connection.setTimeToLive(TimeValue.of(LIFE)).setValidateAfterInactivity(TimeValue.ofMilliseconds(20));
		}
		return connection;
	}

	static RequestConfig config(Plan plan) {
		return RequestConfig.custom()
			.setConnectionRequestTimeout(Timeout.of(LEASE))
			.setResponseTimeout(Timeout.of(plan.responseTimeout()))
			.setExpectContinueEnabled(plan.expectsContinue())
			.build();
	}

	@Override
	public Outcome send(TrackedRequest request, Observation observation) throws IOException {
		return observation.scopedChecked(() -> send(request));
	}

	private Outcome send(TrackedRequest request) throws IOException {
		Plan plan = request.plan();
		HttpUriRequestBase message = new HttpUriRequestBase(plan.method(), URI.create(request.url()));
		message.setConfig(config(plan));
		if (plan.body() > 0) {
			message.setEntity(new ByteArrayEntity(new byte[plan.body()], ContentType.APPLICATION_OCTET_STREAM));
		}
		Thread caller = Thread.currentThread();
		request.cancelledBy(plan.interrupted() ? caller::interrupt : message::cancel);
		CloseableHttpClient client = Objects.requireNonNull(this.clients.get(plan.pool()));
		try (ClassicHttpResponse response = client.executeOpen(null, message, null)) {
			return new Outcome(response.getCode(), read(request, response.getEntity()));
		}
	}

	private static long read(TrackedRequest request, HttpEntity entity) throws IOException {
		if (entity == null || request.plan().reading() == Plan.Reading.NOTHING) {
			return 0;
		}
		InputStream body = entity.getContent();
		long length = body.readNBytes(10).length;
		request.at(Moment.BODY);
		if (request.plan().reading() == Plan.Reading.ALL) {
			length += body.transferTo(java.io.OutputStream.nullOutputStream());
			body.close();
		}
		return length;
	}

	@Override
	public void close() {
		this.clients.values().forEach((client) -> client.close(CloseMode.GRACEFUL));
	}

}
