package io.nettrace.autoconfigure;

import io.nettrace.instrument.NetTracing;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.JwkSetUriJwtDecoderBuilderCustomizer;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.reactive.JwkSetUriReactiveJwtDecoderBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;

/**
 * Auto-configuration that names the requests of Spring Security's that are not shown, if
 * the application has not decided about them ({@code nettrace.libraries.oauth2.enabled}
 * is not set).
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnBean(NetTracing.class)
@ConditionalOnProperty(name = "nettrace.libraries.oauth2.enabled", havingValue = "undecided", matchIfMissing = true)
public final class OAuth2ClientsNetTraceAutoConfiguration {

	private static final String TOKENS = "Spring Security's requests for tokens";

	private static final String KEYS = "Spring Security's requests for the keys of tokens";

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(OAuth2AccessTokenResponseClient.class)
	static class Tokens {

		@Bean
		static OAuth2Clients netTraceTokenClients() {
			return new OAuth2Clients(TOKENS, ClientRegistrationRepository.class, OAuth2AccessTokenResponseClient.class,
					false);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ReactiveOAuth2AccessTokenResponseClient.class)
	static class ReactiveTokens {

		@Bean
		static OAuth2Clients netTraceReactiveTokenClients() {
			return new OAuth2Clients(TOKENS, ReactiveClientRegistrationRepository.class,
					ReactiveOAuth2AccessTokenResponseClient.class, false);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ JwtDecoder.class, JwkSetUriJwtDecoderBuilderCustomizer.class })
	@Conditional(OnRequestsForKeys.class)
	static class Keys {

		@Bean
		static OAuth2Clients netTraceKeyClients() {
			return new OAuth2Clients(KEYS, JwtDecoder.class, JwkSetUriJwtDecoderBuilderCustomizer.class, true);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ ReactiveJwtDecoder.class, JwkSetUriReactiveJwtDecoderBuilderCustomizer.class })
	@Conditional(OnRequestsForKeys.class)
	static class ReactiveKeys {

		@Bean
		static OAuth2Clients netTraceReactiveKeyClients() {
			return new OAuth2Clients(KEYS, ReactiveJwtDecoder.class, JwkSetUriReactiveJwtDecoderBuilderCustomizer.class,
					true);
		}

	}

	/**
	 * A decoder that has its key requests none.
	 */
	static final class OnRequestsForKeys extends AnyNestedCondition {

		OnRequestsForKeys() {
			super(ConfigurationPhase.REGISTER_BEAN);
		}

		@ConditionalOnProperty("spring.security.oauth2.resourceserver.jwt.jwk-set-uri")
		static class OfAnAddress {

		}

		@ConditionalOnProperty("spring.security.oauth2.resourceserver.jwt.issuer-uri")
		static class OfAnIssuer {

		}

	}

}
