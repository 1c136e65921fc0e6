package io.nettrace.libraries;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.ResolvableType;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.security.oauth2.client.ClientCredentialsOAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.endpoint.TokenExchangeGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Spring Security's requests for tokens, as its {@code OAuth2AuthorizedClientManager}
 * makes them. Without nettrace they come from Security's own client.
 */
@Library(name = "Spring Security's OAuth2 client: token requests", of = OAuth2AuthorizedClient.class,
		support = Support.SWITCH, how = "nettrace.libraries.oauth2.enabled",
		shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE }, below = "the token request's span")
class OAuth2ClientTests extends HttpLibraryTest {

	private static final AtomicReference<@Nullable String> refused = new AtomicReference<>();

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	WebApplicationType webApplicationType() {
		return WebApplicationType.SERVLET;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.springframework.boot.security.autoconfigure.",
				"org.springframework.boot.security.oauth2.client.", "org.springframework.boot.webmvc.",
				"org.springframework.boot.servlet.", "org.springframework.boot.tomcat.",
				"org.springframework.boot.web.");
	}

	@Override
	List<String> properties() {
		return List.of("nettrace.libraries.oauth2.enabled=true");
	}

	@Override
	boolean asksTheJvm() {
		return true;
	}

	@Override
	Peer startPeer() {
		return HttpPeer.start((request) -> {
			assertThat(request.body()).isEqualTo("grant_type=client_credentials");
			assertThat(request.header("authorization")).isEqualTo("Basic bWU6c2VjcmV0");
			String error = refused.get();
			return (error == null)
					? HttpPeer.Response
						.json("{\"access_token\":\"answer to /\",\"token_type\":\"Bearer\",\"expires_in\":60}")
					: new HttpPeer.Response(400, "application/json", error);
		});
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		OAuth2AuthorizeRequest request = OAuth2AuthorizeRequest.withClientRegistrationId(url(host) + "token")
			.principal("me")
			.attributes((attributes) -> {
				attributes.put("jakarta.servlet.http.HttpServletRequest", new MockHttpServletRequest());
				attributes.put("jakarta.servlet.http.HttpServletResponse", new MockHttpServletResponse());
			})
			.build();
		return application.business(() -> {
			OAuth2AuthorizedClient client = application.bean(OAuth2AuthorizedClientManager.class).authorize(request);
			return (client != null) ? client.getAccessToken().getTokenValue() : "not authorized";
		});
	}

	@Override
	String expectedTree() {
		return expectedTreeBelow("http post");
	}

	@Test
	void errorsOfTheServerAreSecuritys() {
		refused.set("{\"error\":\"invalid_client\",\"error_description\":\"not you\"}");
		try {
			assertThatExceptionOfType(OAuth2AuthorizationException.class)
				.isThrownBy(() -> call(application(), "one.test"))
				.satisfies((ex) -> {
					assertThat(ex.getError().getErrorCode()).isEqualTo("invalid_client");
					assertThat(ex.getError().getDescription()).isEqualTo("not you");
				});
		}
		finally {
			refused.set(null);
		}
		assertThat(tree()).contains("http post");
	}

	/**
	 * A client for another grant would let Security use that grant.
	 */
	@Test
	void onlyGrantsThatSecurityUsesAnywayHaveAClient() {
		assertThat(clients(application(), OAuth2AuthorizationCodeGrantRequest.class)).isEqualTo(1);
		assertThat(clients(application(), OAuth2RefreshTokenGrantRequest.class)).isEqualTo(1);
		assertThat(clients(application(), OAuth2ClientCredentialsGrantRequest.class)).isEqualTo(1);
		assertThat(clients(application(), TokenExchangeGrantRequest.class)).isZero();
	}

	private static long clients(LibraryApplication application, Class<?> grant) {
		return application.beans(ResolvableType.forClassWithGenerics(OAuth2AccessTokenResponseClient.class, grant))
			.stream()
			.count();
	}

	@Test
	void ownClientOfAGrantIsLeftAlone() throws Exception {
		try (LibraryApplication application = start(OwnClient.class)) {
			assertThat(call(application, "one.test")).isEqualTo("own");
			assertThat(clients(application, OAuth2ClientCredentialsGrantRequest.class)).isEqualTo(1);
			assertThat(clients(application, OAuth2RefreshTokenGrantRequest.class)).isEqualTo(1);
		}
	}

	/**
	 * Security would set a bean on it.
	 */
	@ParameterizedTest
	@ValueSource(classes = { OwnProvider.class, OwnProviderOfAnyKind.class })
	void ownProviderOfAGrantIsLeftAlone(Class<?> configuration) throws Exception {
		try (LibraryApplication application = start(configuration)) {
			assertThat(call(application, "one.test")).isEqualTo("own");
			assertThat(clients(application, OAuth2ClientCredentialsGrantRequest.class)).isZero();
		}
	}

	@Test
	void requestsAreCalledAsBootCallsThem() throws Exception {
		try (LibraryApplication application = start(Application.class, "nettrace.libraries.oauth2.enabled=true",
				"management.observations.http.client.requests.name=calls")) {
			assertThat(call(application, "one.test")).isEqualTo(expectedResult());
			assertThat(application.bean(MeterRegistry.class).find("calls").timer()).isNotNull();
			assertThat(application.bean(MeterRegistry.class).find("http.client.requests").timer()).isNull();
		}
	}

	@Test
	void nothingIsChangedUnlessAskedFor() throws Exception {
		try (LibraryApplication application = start(Application.class, "nettrace.libraries.oauth2.enabled=false")) {
			assertThat(call(application, "one.test")).isEqualTo(expectedResult());
			assertThat(application.tree()).isEqualTo("business\n");
			assertThat(clients(application, OAuth2ClientCredentialsGrantRequest.class)).isZero();
		}
	}

	private static OAuth2AccessTokenResponse token(String value) {
		return OAuth2AccessTokenResponse.withToken(value).tokenType(TokenType.BEARER).expiresIn(60).build();
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		/**
		 * The id of a registration is its URI.
		 */
		@Bean
		ClientRegistrationRepository registrations() {
			return (uri) -> ClientRegistration.withRegistrationId(uri)
				.authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
				.clientId("me")
				.clientSecret("secret")
				.tokenUri(uri)
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class OwnClient {

		@Bean
		OAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> own() {
			return (request) -> token("own");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class OwnProvider {

		@Bean
		ClientCredentialsOAuth2AuthorizedClientProvider own() {
			ClientCredentialsOAuth2AuthorizedClientProvider provider = new ClientCredentialsOAuth2AuthorizedClientProvider();
			provider.setAccessTokenResponseClient((request) -> token("own"));
			return provider;
		}

	}

	/**
	 * What the bean is declared as does not tell of which grant it is.
	 */
	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class OwnProviderOfAnyKind {

		@Bean
		OAuth2AuthorizedClientProvider own() {
			return new OwnProvider().own();
		}

	}

}
