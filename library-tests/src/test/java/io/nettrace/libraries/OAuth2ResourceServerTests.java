package io.nettrace.libraries;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.JwkSetUriJwtDecoderBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/**
 * Spring Security's requests for the keys of tokens.
 */
@Library(name = "Spring Security's resource server: key (JWK) requests", of = NimbusJwtDecoder.class,
		support = Support.RECIPE, how = "OAuth2 resource server", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the key request's span")
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
		application.bean(JwkSetUriJwtDecoderBuilderCustomizer.class).customize(builder);
		JwtDecoder decoder = builder.build();
		SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("1").build(),
				new JWTClaimsSet.Builder().subject("answer to /").build());
		token.sign(new RSASSASigner(this.keys.getPrivate()));
		return application.business(() -> decoder.decode(token.serialize()).getSubject());
	}

	@Override
	String expectedTree() {
		return expectedTreeBelow("http get");
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		// recipe: oauth2-resource-server
		@Bean
		JwkSetUriJwtDecoderBuilderCustomizer keyRequests(RestTemplateBuilder builder) {
			return (decoder) -> decoder.restOperations(
					builder.connectTimeout(Duration.ofSeconds(30)).readTimeout(Duration.ofSeconds(30)).build());
		}
		// end

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> names(Names names) {
			return (builder) -> builder.withDnsResolver(names.httpComponents());
		}

	}

}
