package io.nettrace.libraries;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.reactive.JwkSetUriReactiveJwtDecoderBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.ResolvableType;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.TokenExchangeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.WebClientReactiveClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder.JwkSetUriReactiveJwtDecoderBuilder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Spring Security's requests for tokens in reactive applications.
 */
@Library(name = "Spring Security's reactive OAuth2 client and resource server", of = NimbusReactiveJwtDecoder.class,
		support = Support.SWITCH, how = "nettrace.libraries.oauth2.enabled",
		shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE }, below = "the request's span")
class OAuth2ReactiveTests extends HttpLibraryTest {

	/**
	 * Well formed, of a key that nobody has.
	 */
	private static final String TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2ln";

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	List<String> properties() {
		return List.of("nettrace.libraries.oauth2.enabled=true");
	}

	@Override
	Peer startPeer() {
		return HttpPeer.start((request) -> HttpPeer.Response
			.json("{\"access_token\":\"answer to /\",\"token_type\":\"Bearer\",\"expires_in\":60}"));
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		ClientRegistration registration = ClientRegistration.withRegistrationId("orders")
			.authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
			.clientId("me")
			.clientSecret("secret")
			.tokenUri(url(host) + "token")
			.build();
		ReactiveOAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> tokens = tokens(application);
		return application.business(() -> tokens.getTokenResponse(new OAuth2ClientCredentialsGrantRequest(registration))
			.map((response) -> response.getAccessToken().getTokenValue())
			.block());
	}

	/**
	 * Security's own client asks a resolver that this test has no names for, so that
	 * without nettrace it is one of Boot's, too.
	 */
	private static ReactiveOAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> tokens(
			LibraryApplication application) {
		return application
			.<ReactiveOAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest>>beans(
					typeOf(OAuth2ClientCredentialsGrantRequest.class))
			.getIfAvailable(() -> {
				WebClientReactiveClientCredentialsTokenResponseClient own = new WebClientReactiveClientCredentialsTokenResponseClient();
				own.setWebClient(application.bean(WebClient.class));
				return own;
			});
	}

	private static ResolvableType typeOf(Class<?> grant) {
		return ResolvableType.forClassWithGenerics(ReactiveOAuth2AccessTokenResponseClient.class, grant);
	}

	@Override
	String expectedTree() {
		return expectedTreeBelow("http post");
	}

	@Test
	void keyRequestsAreShown() {
		JwkSetUriReactiveJwtDecoderBuilder builder = NimbusReactiveJwtDecoder.withJwkSetUri(url("one.test") + "keys");
		application().bean(JwkSetUriReactiveJwtDecoderBuilderCustomizer.class).customize(builder);
		ReactiveJwtDecoder decoder = builder.build();
		// the peer has no keys
		assertThatIllegalStateException().isThrownBy(() -> application().business(() -> decoder.decode(TOKEN).block()));
		assertThat(tree()).isEqualTo("""
				business !
				  http get
				    DNS lookup one.test: 127.0.0.9
				    socket connect 127.0.0.9
				""");
	}

	/**
	 * A client for another grant would let Security use that grant.
	 */
	@Test
	void onlyGrantsThatSecurityUsesAnywayHaveAClient() {
		assertThat(Stream
			.of(OAuth2AuthorizationCodeGrantRequest.class, OAuth2RefreshTokenGrantRequest.class,
					OAuth2ClientCredentialsGrantRequest.class, TokenExchangeGrantRequest.class)
			.map((grant) -> application().beans(typeOf(grant)).stream().count())).containsExactly(1L, 1L, 1L, 0L);
	}

	@Test
	void nothingIsChangedUnlessAskedFor() {
		try (LibraryApplication application = start(Application.class, "nettrace.libraries.oauth2.enabled=false")) {
			assertThat(application.beans(typeOf(OAuth2ClientCredentialsGrantRequest.class)).stream()).isEmpty();
			assertThat(application.beans(ResolvableType.forClass(JwkSetUriReactiveJwtDecoderBuilderCustomizer.class))
				.stream()).isEmpty();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		@Lazy
		WebClient untraced(ClientHttpConnectorBuilder<?> connectors) {
			return WebClient.builder().clientConnector(connectors.build()).build();
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> names(Names names) {
			return (builder) -> builder.withHttpClientCustomizer((client) -> client.resolver(names.netty()));
		}

	}

}
