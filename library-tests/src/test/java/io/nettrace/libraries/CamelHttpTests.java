package io.nettrace.libraries;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.X509TrustManager;

import io.micrometer.core.instrument.MeterRegistry;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.support.jsse.TrustManagersParameters;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Camel's components {@code http} and {@code https}, with the settings of the
 * application. They have none for a resolver, and ask that of the JVM.
 */
@Library(name = "Apache Camel's components http and https", of = HttpComponent.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.libraries.camel.enabled", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the current observation")
@ExtendWith(OutputCaptureExtension.class)
class CamelHttpTests extends HttpLibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.apache.camel.");
	}

	@Override
	List<String> properties() {
		return List.of("camel.component.http.connection-time-to-live=60000",
				"camel.component.http.max-total-connections=7", "camel.component.http.connections-per-route=3");
	}

	@Override
	boolean asksTheJvm() {
		return true;
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		return send(application, url(host));
	}

	private static String send(LibraryApplication application, String uri) throws Exception {
		ProducerTemplate camel = application.bean(ProducerTemplate.class);
		return application
			.business(() -> camel.requestBodyAndHeader(uri, "", Exchange.HTTP_METHOD, "GET", String.class));
	}

	private String sendAndLook(String uri) throws Exception {
		assertThat(send(application(), uri)).isEqualTo(expectedResult());
		return tree();
	}

	private HttpEndpoint endpoint(String uri) {
		return application().bean(CamelContext.class).getEndpoint(uri, HttpEndpoint.class);
	}

	private static PoolingHttpClientConnectionManager manager(HttpEndpoint endpoint) {
		return (PoolingHttpClientConnectionManager) endpoint.getClientConnectionManager();
	}

	@Test
	void connectionManagersHaveTheSettingsOfTheirComponents() throws Exception {
		String uri = url("one.test") + "?connectionsPerRoute=2&httpConnection.rcvBufSize=4096";
		sendAndLook(uri);
		HttpEndpoint endpoint = endpoint(uri);
		assertThat(manager(endpoint).getMaxTotal()).isEqualTo(7);
		assertThat(manager(endpoint).getDefaultMaxPerRoute()).isEqualTo(2);
		assertThat(endpoint.getClientConnectionsPoolStatsAvailable()).isEqualTo(1);
		PoolingHttpClientConnectionManager secure = manager(endpoint("https://tls.test:" + peer().port() + "/?a=b"));
		assertThat(secure.getMaxTotal()).isEqualTo(7);
		assertThat(secure.getDefaultMaxPerRoute()).isEqualTo(3);
	}

	/**
	 * Lookups and attempts need the connection manager alone; this needs the client.
	 */
	@Test
	void requestsAreInTheMetersOfExchanges() throws Exception {
		String uri = url("one.test") + "?connectTimeout=20004";
		sendAndLook(uri);
		sendAndLook(uri);
		for (String outcome : List.of("new", "reused")) {
			assertThat(application().bean(MeterRegistry.class)
				.get("http.client.request.time_in_queue")
				.tags("server.address", "one.test", "nettrace.queue.outcome", outcome)
				.timer()
				.count()).as(outcome).isPositive();
		}
	}

	@Test
	void endpointThatStopsClosesItsConnections() throws Exception {
		String uri = url("one.test") + "?connectTimeout=20001";
		sendAndLook(uri);
		HttpEndpoint endpoint = endpoint(uri);
		PoolingHttpClientConnectionManager manager = manager(endpoint);
		application().bean(CamelContext.class).removeEndpoint(endpoint);
		assertThat(manager.isClosed()).isTrue();
		assertThat(manager.getTotalStats().getAvailable()).isZero();
	}

	@Test
	void tlsSettingsAreTheApplications() throws Exception {
		String uri = "https://one.test:" + peer().port() + "/";
		assertThatExceptionOfType(CamelExecutionException.class).isThrownBy(() -> send(application(), uri))
			.havingRootCause()
			.withMessageContaining("one.test");
		assertThat(tree()).contains("TLS handshake ! one.test: certificate_hostname_mismatch");
		application().reset();
		assertThat(sendAndLook(uri + "?hostnameVerificationPolicy=CLIENT&x509HostnameVerifier=#anyHost"))
			.endsWith("  TLS handshake one.test\n");
		application().reset();
		assertThatExceptionOfType(CamelExecutionException.class)
			.isThrownBy(() -> send(application(), url("tls.test") + "?sslContextParameters=#trustsNobody"));
		assertThat(tree()).contains("TLS handshake ! tls.test");
	}

	@Test
	void ownConfigurersAreCalledForEachClient() throws Exception {
		Own own = application().bean(Own.class);
		String uri = url("one.test") + "?httpClientConfigurer=#ownConfigurer";
		assertThat(sendAndLook(uri)).isEqualTo(expectedTreeOf("one.test"));
		assertThat(sendAndLook(uri)).contains("business");
		assertThat(own.configured).hasValue(1);
		assertThat(own.requests).hasValue(2);
	}

	@Test
	void ownConnectionManagerIsLeftAlone(CapturedOutput output) throws Exception {
		HttpClientConnectionManager own = application().bean("ownManager", HttpClientConnectionManager.class);
		String uri = url("one.test") + "?clientConnectionManager=#ownManager";
		assertThat(sendAndLook(uri)).isEqualTo("business\n");
		assertThat(endpoint(uri).getClientConnectionManager()).isSameAs(own);
		String component = "own:" + url("one.test");
		application().reset();
		assertThat(sendAndLook(component)).isEqualTo("business\n");
		assertThat(endpoint(component).getClientConnectionManager()).isSameAs(own);
		assertThat(output).contains(
				"nettrace does not show Camel's component 'own' (endpoints with a connection manager of the application's):");
	}

	@Test
	void ownConnectionManagerOfNetTraceIsShown() throws Exception {
		String uri = url("one.test") + "?clientConnectionManager=#tracedManager";
		assertThat(sendAndLook(uri)).isEqualTo(expectedTreeOf("one.test"));
		assertThat(endpoint(uri).getClientConnectionManager())
			.isSameAs(application().bean("tracedManager", HttpClientConnectionManager.class));
	}

	@Test
	void componentsAreNamedWithoutTheirUris(CapturedOutput output) throws Exception {
		String uri = "other:" + url("one.test") + "?connectTimeout=20003";
		sendAndLook(uri);
		assertThat(output.getOut().lines().filter((line) -> line.contains("component 'other'"))).singleElement()
			.asString()
			.endsWith("nettrace shows Camel's component 'other': dns, connect");
	}

	/**
	 * As of {@code toD}, which keeps only some of its endpoints.
	 */
	@Test
	void endpointThatIsNotKeptIsShown() throws Exception {
		CamelContext camel = application().bean(CamelContext.class);
		Endpoint endpoint = camel.getCamelContextExtension()
			.getPrototypeEndpoint(url("one.test") + "?connectTimeout=20002");
		ProducerTemplate template = application().bean(ProducerTemplate.class);
		String result = application()
			.business(() -> template.request(endpoint, (exchange) -> exchange.getMessage().setBody(null))
				.getMessage()
				.getBody(String.class));
		assertThat(result).isEqualTo(expectedResult());
		assertThat(tree()).isEqualTo(expectedTreeOf("one.test"));
	}

	/**
	 * What is the application's own.
	 */
	static final class Own {

		private final AtomicInteger configured = new AtomicInteger();

		private final AtomicInteger requests = new AtomicInteger();

		private void configure(HttpClientBuilder client) {
			this.configured.incrementAndGet();
			client.addRequestInterceptorLast((request, entity, context) -> this.requests.incrementAndGet());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		Own ownThings() {
			return new Own();
		}

		@Bean
		HttpClientConfigurer ownConfigurer(Own own) {
			return own::configure;
		}

		@Bean
		HttpClientConnectionManager ownManager() {
			return new PoolingHttpClientConnectionManager();
		}

		@Bean
		HttpClientConnectionManager tracedManager(ObjectProvider<NetTraceHttpComponents> netTrace) {
			return netTrace.stream()
				.map(NetTraceHttpComponents::connectionManagerBuilder)
				.findFirst()
				.orElseGet(PoolingHttpClientConnectionManagerBuilder::create)
				.build();
		}

		@Bean
		HttpComponent own(@Qualifier("ownManager") HttpClientConnectionManager manager) {
			HttpComponent component = new HttpComponent();
			component.setClientConnectionManager(manager);
			return component;
		}

		@Bean
		HttpComponent other() {
			return new HttpComponent();
		}

		@Bean
		HostnameVerifier anyHost() {
			return NoopHostnameVerifier.INSTANCE;
		}

		@Bean
		SSLContextParameters trustsNobody() {
			TrustManagersParameters trust = new TrustManagersParameters();
			trust.setTrustManager(new TrustsNobody());
			SSLContextParameters parameters = new SSLContextParameters();
			parameters.setTrustManagers(trust);
			return parameters;
		}

	}

	private static final class TrustsNobody implements X509TrustManager {

		@Override
		public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
			throw new CertificateException("nobody");
		}

		@Override
		public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
			throw new CertificateException("nobody");
		}

		@Override
		public X509Certificate[] getAcceptedIssuers() {
			return new X509Certificate[0];
		}

	}

}
