package io.nettrace.libraries;

import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.InMemoryOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.http.OAuth2ErrorResponseErrorHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Spring Security's requests for tokens.
 */
@Library(name = "Spring Security's OAuth2 client: token requests", of = OAuth2AuthorizedClient.class,
		support = Support.RECIPE, how = "OAuth2 client", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the token request's span")
class OAuth2ClientTests extends HttpLibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	Peer startPeer() {
		return HttpPeer.start((request) -> {
			assertThat(request.body()).isEqualTo("grant_type=client_credentials");
			return HttpPeer.Response
				.json("{\"access_token\":\"answer to /\",\"token_type\":\"Bearer\",\"expires_in\":60}");
		});
	}

	@Override
	@SuppressWarnings("unchecked")
	String call(LibraryApplication application, String host) throws Exception {
		ClientRegistration registration = ClientRegistration.withRegistrationId("orders")
			.authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
			.clientId("me")
			.clientSecret("secret")
			.tokenUri(url(host) + "token")
			.build();
		InMemoryClientRegistrationRepository registrations = new InMemoryClientRegistrationRepository(registration);
		AuthorizedClientServiceOAuth2AuthorizedClientManager manager = new AuthorizedClientServiceOAuth2AuthorizedClientManager(
				registrations, new InMemoryOAuth2AuthorizedClientService(registrations));
		OAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> tokens = application
			.bean(OAuth2AccessTokenResponseClient.class);
		manager.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder()
			.clientCredentials((credentials) -> credentials.accessTokenResponseClient(tokens))
			.build());
		OAuth2AuthorizeRequest request = OAuth2AuthorizeRequest.withClientRegistrationId("orders")
			.principal("me")
			.build();
		return application.business(() -> {
			OAuth2AuthorizedClient client = manager.authorize(request);
			return (client != null) ? client.getAccessToken().getTokenValue() : "not authorized";
		});
	}

	@Override
	String expectedTree() {
		return expectedTreeBelow("http post");
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		// recipe: oauth2-client
		@Bean
		OAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> tokens(RestClient.Builder builder) {
			RestClientClientCredentialsTokenResponseClient tokens = new RestClientClientCredentialsTokenResponseClient();
			tokens.setRestClient(builder
				.configureMessageConverters((converters) -> converters.disableDefaults()
					.addCustomConverter(new FormHttpMessageConverter())
					.addCustomConverter(new OAuth2AccessTokenResponseHttpMessageConverter()))
				.defaultStatusHandler(new OAuth2ErrorResponseErrorHandler())
				.build());
			return tokens;
		}
		// end

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> names(Names names) {
			return (builder) -> builder.withDnsResolver(names.httpComponents());
		}

	}

}
