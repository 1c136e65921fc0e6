package io.nettrace.autoconfigure;

import java.time.Duration;

import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.JwkSetUriJwtDecoderBuilderCustomizer;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.reactive.JwkSetUriReactiveJwtDecoderBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.http.client.observation.ClientRequestObservationConvention;
import org.springframework.http.client.observation.DefaultClientRequestObservationConvention;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.RestClientRefreshTokenTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.WebClientReactiveAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.WebClientReactiveClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.WebClientReactiveRefreshTokenTokenResponseClient;
import org.springframework.security.oauth2.client.http.OAuth2ErrorResponseErrorHandler;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * The parts of {@link OAuth2NetTraceAutoConfiguration}, of which each is there if the
 * application has what it is for.
 */
final class OAuth2Configurations {

	private OAuth2Configurations() {
	}

	/**
	 * As those of {@code NimbusJwtDecoder}, whose library takes 0 and less for none.
	 */
	private static @Nullable Duration timeout(String property) {
		int millis = Integer.parseInt(System.getProperty(property, "30000"));
		return (millis > 0) ? Duration.ofMillis(millis) : null;
	}

	/**
	 * Return the name that Boot gives to requests.
	 */
	private static String requestsName(Environment environment) {
		return environment.getProperty("management.observations.http.client.requests.name", "http.client.requests");
	}

	/**
	 * What sends the requests of applications that block.
	 *
	 * @param factories Boot's builder
	 * @param settings Boot's settings
	 * @param observations where requests are observed
	 * @param convention how they are observed
	 */
	record BlockingRequests(ClientHttpRequestFactoryBuilder<?> factories, ObjectProvider<HttpClientSettings> settings,
			ObjectProvider<ObservationRegistry> observations, ClientRequestObservationConvention convention) {

		private HttpClientSettings allSettings() {
			return this.settings.getIfAvailable(HttpClientSettings::defaults);
		}

		/**
		 * Converters and the handler of errors are those of Security's own. Each grant
		 * has a client, as with Security.
		 */
		RestClient forTokens() {
			return RestClient.builder()
				.requestFactory(this.factories.build(allSettings()))
				.observationRegistry(this.observations.getIfAvailable(() -> ObservationRegistry.NOOP))
				.configureMessageConverters((converters) -> {
					converters.addCustomConverter(new FormHttpMessageConverter());
					converters.addCustomConverter(new OAuth2AccessTokenResponseHttpMessageConverter());
				})
				.defaultStatusHandler(new OAuth2ErrorResponseErrorHandler())
				.observationConvention(this.convention)
				.build();
		}

		RestTemplate forKeys() {
			RestTemplate template = new RestTemplate(this.factories.build(allSettings().withTimeouts(
					timeout("sun.net.client.defaultConnectTimeout"), timeout("sun.net.client.defaultReadTimeout"))));
			template.setObservationRegistry(this.observations.getIfAvailable(() -> ObservationRegistry.NOOP));
			template.setObservationConvention(this.convention);
			return template;
		}

	}

	/**
	 * What sends the requests of reactive applications.
	 *
	 * @param connectors Boot's builder
	 * @param settings Boot's settings
	 * @param observations where requests are observed
	 * @param convention how they are observed
	 */
	record ReactiveRequests(ClientHttpConnectorBuilder<?> connectors, ObjectProvider<HttpClientSettings> settings,
			ObjectProvider<ObservationRegistry> observations,
			org.springframework.web.reactive.function.client.ClientRequestObservationConvention convention) {

		WebClient client() {
			return WebClient.builder()
				.clientConnector(this.connectors.build(this.settings.getIfAvailable(HttpClientSettings::defaults)))
				.observationRegistry(this.observations.getIfAvailable(() -> ObservationRegistry.NOOP))
				.observationConvention(this.convention)
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ ClientHttpRequestFactoryBuilder.class, RestClient.class })
	@ConditionalOnBean(ClientHttpRequestFactoryBuilder.class)
	static class Blocking {

		@Bean
		BlockingRequests netTraceOAuth2Requests(ClientHttpRequestFactoryBuilder<?> factories,
				ObjectProvider<HttpClientSettings> settings, ObjectProvider<ObservationRegistry> observations,
				ObjectProvider<ClientRequestObservationConvention> convention, Environment environment) {
			return new BlockingRequests(factories, settings, observations, convention
				.getIfAvailable(() -> new DefaultClientRequestObservationConvention(requestsName(environment))));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ ClientHttpConnectorBuilder.class, WebClient.class })
	@ConditionalOnBean(ClientHttpConnectorBuilder.class)
	static class Reactive {

		@Bean
		ReactiveRequests netTraceReactiveOAuth2Requests(ClientHttpConnectorBuilder<?> connectors,
				ObjectProvider<HttpClientSettings> settings, ObjectProvider<ObservationRegistry> observations,
				ObjectProvider<org.springframework.web.reactive.function.client.ClientRequestObservationConvention> convention,
				Environment environment) {
			return new ReactiveRequests(connectors, settings, observations, convention.getIfAvailable(
					() -> new org.springframework.web.reactive.function.client.DefaultClientRequestObservationConvention(
							requestsName(environment))));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Lazy
	@ConditionalOnClass(RestClientAuthorizationCodeTokenResponseClient.class)
	@ConditionalOnBean(BlockingRequests.class)
	static class AuthorizationCode {

		@Bean
		@Fallback
		@ConditionalOnMissingBean(value = OAuth2AuthorizationCodeGrantRequest.class,
				parameterizedContainer = OAuth2AccessTokenResponseClient.class)
		OAuth2AccessTokenResponseClient<OAuth2AuthorizationCodeGrantRequest> netTraceAuthorizationCodeTokens(
				BlockingRequests requests) {
			RestClientAuthorizationCodeTokenResponseClient tokens = new RestClientAuthorizationCodeTokenResponseClient();
			tokens.setRestClient(requests.forTokens());
			return tokens;
		}

	}

	/**
	 * Security would set the bean on a provider of the application's, too, and what kind
	 * of provider a bean is may be known only once it is made.
	 */
	@Configuration(proxyBeanMethods = false)
	@Lazy
	@ConditionalOnClass(RestClientRefreshTokenTokenResponseClient.class)
	@ConditionalOnBean(BlockingRequests.class)
	@ConditionalOnMissingBean(OAuth2AuthorizedClientProvider.class)
	static class RefreshToken {

		@Bean
		@Fallback
		@ConditionalOnMissingBean(value = OAuth2RefreshTokenGrantRequest.class,
				parameterizedContainer = OAuth2AccessTokenResponseClient.class)
		OAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> netTraceRefreshTokens(
				BlockingRequests requests) {
			RestClientRefreshTokenTokenResponseClient tokens = new RestClientRefreshTokenTokenResponseClient();
			tokens.setRestClient(requests.forTokens());
			return tokens;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Lazy
	@ConditionalOnClass(RestClientClientCredentialsTokenResponseClient.class)
	@ConditionalOnBean(BlockingRequests.class)
	@ConditionalOnMissingBean(OAuth2AuthorizedClientProvider.class)
	static class ClientCredentials {

		@Bean
		@Fallback
		@ConditionalOnMissingBean(value = OAuth2ClientCredentialsGrantRequest.class,
				parameterizedContainer = OAuth2AccessTokenResponseClient.class)
		OAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> netTraceClientCredentialsTokens(
				BlockingRequests requests) {
			RestClientClientCredentialsTokenResponseClient tokens = new RestClientClientCredentialsTokenResponseClient();
			tokens.setRestClient(requests.forTokens());
			return tokens;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Lazy
	@ConditionalOnClass(WebClientReactiveAuthorizationCodeTokenResponseClient.class)
	@ConditionalOnBean(ReactiveRequests.class)
	static class ReactiveAuthorizationCode {

		@Bean
		@Fallback
		@ConditionalOnMissingBean(value = OAuth2AuthorizationCodeGrantRequest.class,
				parameterizedContainer = ReactiveOAuth2AccessTokenResponseClient.class)
		ReactiveOAuth2AccessTokenResponseClient<OAuth2AuthorizationCodeGrantRequest> netTraceReactiveAuthorizationCodeTokens(
				ReactiveRequests requests) {
			WebClientReactiveAuthorizationCodeTokenResponseClient tokens = new WebClientReactiveAuthorizationCodeTokenResponseClient();
			tokens.setWebClient(requests.client());
			return tokens;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Lazy
	@ConditionalOnClass(WebClientReactiveRefreshTokenTokenResponseClient.class)
	@ConditionalOnBean(ReactiveRequests.class)
	@ConditionalOnMissingBean(ReactiveOAuth2AuthorizedClientProvider.class)
	static class ReactiveRefreshToken {

		@Bean
		@Fallback
		@ConditionalOnMissingBean(value = OAuth2RefreshTokenGrantRequest.class,
				parameterizedContainer = ReactiveOAuth2AccessTokenResponseClient.class)
		ReactiveOAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> netTraceReactiveRefreshTokens(
				ReactiveRequests requests) {
			WebClientReactiveRefreshTokenTokenResponseClient tokens = new WebClientReactiveRefreshTokenTokenResponseClient();
			tokens.setWebClient(requests.client());
			return tokens;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Lazy
	@ConditionalOnClass(WebClientReactiveClientCredentialsTokenResponseClient.class)
	@ConditionalOnBean(ReactiveRequests.class)
	@ConditionalOnMissingBean(ReactiveOAuth2AuthorizedClientProvider.class)
	static class ReactiveClientCredentials {

		@Bean
		@Fallback
		@ConditionalOnMissingBean(value = OAuth2ClientCredentialsGrantRequest.class,
				parameterizedContainer = ReactiveOAuth2AccessTokenResponseClient.class)
		ReactiveOAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> netTraceReactiveClientCredentialsTokens(
				ReactiveRequests requests) {
			WebClientReactiveClientCredentialsTokenResponseClient tokens = new WebClientReactiveClientCredentialsTokenResponseClient();
			tokens.setWebClient(requests.client());
			return tokens;
		}

	}

	/**
	 * Runs before the application's customizers, so that what they set wins.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ JwkSetUriJwtDecoderBuilderCustomizer.class, NimbusJwtDecoder.class })
	@ConditionalOnBean(BlockingRequests.class)
	static class Keys {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		JwkSetUriJwtDecoderBuilderCustomizer netTraceKeyRequests(BlockingRequests requests) {
			return (decoder) -> decoder.restOperations(requests.forKeys());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ JwkSetUriReactiveJwtDecoderBuilderCustomizer.class, NimbusReactiveJwtDecoder.class })
	@ConditionalOnBean(ReactiveRequests.class)
	static class ReactiveKeys {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		JwkSetUriReactiveJwtDecoderBuilderCustomizer netTraceReactiveKeyRequests(ReactiveRequests requests) {
			return (decoder) -> decoder.webClient(requests.client());
		}

	}

}
