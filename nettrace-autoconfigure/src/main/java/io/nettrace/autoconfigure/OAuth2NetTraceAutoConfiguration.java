package io.nettrace.autoconfigure;

import io.nettrace.instrument.NetTracing;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Import;

/**
 * Auto-configuration for what Spring Security requests by itself: tokens and the keys of
 * tokens. It sends them with what Boot's builders build, instead of what Security would
 * make: that is another client, so all of it is off unless asked for.
 * <p>
 * Only Boot's request factory is taken, not its {@code RestClient.Builder}: an
 * application's customizers of that one may need the tokens. Security uses a bean of
 * these types if there is one; for the grants {@code jwt-bearer} and
 * {@code token-exchange} there is none here, because a bean would switch them on.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class,
		afterName = {
				"org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration",
				"org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration" })
@ConditionalOnBean(NetTracing.class)
@Import({ OAuth2Configurations.Blocking.class, OAuth2Configurations.Reactive.class,
		OAuth2Configurations.AuthorizationCode.class, OAuth2Configurations.RefreshToken.class,
		OAuth2Configurations.ClientCredentials.class, OAuth2Configurations.ReactiveAuthorizationCode.class,
		OAuth2Configurations.ReactiveRefreshToken.class, OAuth2Configurations.ReactiveClientCredentials.class,
		OAuth2Configurations.Keys.class, OAuth2Configurations.ReactiveKeys.class })
@ConditionalOnBooleanProperty("nettrace.libraries.oauth2.enabled")
public final class OAuth2NetTraceAutoConfiguration {

}
