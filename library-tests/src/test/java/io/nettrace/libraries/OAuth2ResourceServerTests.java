package io.nettrace.libraries;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.List;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.nettrace.instrument.NetTracing;
import org.junit.jupiter.api.Test;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.JwkSetUriJwtDecoderBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.ResolvableType;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.web.client.RestTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Spring Security's requests for the keys of tokens.
 */
@Library(name = "Spring Security's resource server: key (JWK) requests", of = NimbusJwtDecoder.class,
		support = Support.SWITCH, how = "nettrace.libraries.oauth2.enabled",
		shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE }, below = "the key request's span")
class OAuth2ResourceServerTests extends HttpLibraryTest {

	private final KeyPair keys = newKeys();

	private static KeyPair newKeys() {
		try {
			KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
			generator.initialize(2048);
			return generator.generateKeyPair();
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	Class<?> configuration() {
		return Application.class;
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
		String keys = new JWKSet(new RSAKey.Builder((RSAPublicKey) this.keys.getPublic()).keyID("1").build())
			.toString();
		return HttpPeer.start((request) -> HttpPeer.Response.json(keys));
	}

	/**
	 * A decoder as Boot makes it of {@code jwk-set-uri}. Another one each time, because
	 * it keeps the keys.
	 */
	@Override
	String call(LibraryApplication application, String host) throws Exception {
		NimbusJwtDecoder.JwkSetUriJwtDecoderBuilder builder = NimbusJwtDecoder.withJwkSetUri(url(host) + "keys");
		application.beans(ResolvableType.forClass(JwkSetUriJwtDecoderBuilderCustomizer.class))
			.orderedStream()
			.forEach((customizer) -> ((JwkSetUriJwtDecoderBuilderCustomizer) customizer).customize(builder));
		if (application.beans(ResolvableType.forClass(NetTracing.class)).getIfAvailable() == null) {
			builder.restOperations(untraced(application));
		}
		JwtDecoder decoder = builder.build();
		SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("1").build(),
				new JWTClaimsSet.Builder().subject("answer to /").build());
		token.sign(new RSASSASigner(this.keys.getPrivate()));
		return application.business(() -> decoder.decode(token.serialize()).getSubject());
	}

	/**
	 * The same client without nettrace: Security's own is {@code HttpURLConnection},
	 * which tries one address.
	 */
	private static RestTemplate untraced(LibraryApplication application) {
		return new RestTemplate(application.bean(ClientHttpRequestFactoryBuilder.class)
			.build(HttpClientSettings.defaults().withTimeouts(Duration.ofSeconds(30), Duration.ofSeconds(30))));
	}

	@Override
	String expectedTree() {
		return expectedTreeBelow("http get");
	}

	@Test
	void nothingIsChangedUnlessAskedFor() throws Exception {
		try (LibraryApplication application = start(Application.class, "nettrace.libraries.oauth2.enabled=false")) {
			assertThat(call(application, "one.test")).isEqualTo(expectedResult());
			assertThat(application.tree()).isEqualTo("business\n");
		}
	}

	@Test
	void whatTheApplicationSetsWins() throws Exception {
		try (LibraryApplication application = start(OwnRequests.class)) {
			assertThat(call(application, "one.test")).isEqualTo(expectedResult());
			assertThat(application.tree()).isEqualTo("business\n");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnRequests {

		@Bean
		JwkSetUriJwtDecoderBuilderCustomizer own() {
			return (decoder) -> decoder.restOperations(new RestTemplate(new SimpleClientHttpRequestFactory()));
		}

	}

}
