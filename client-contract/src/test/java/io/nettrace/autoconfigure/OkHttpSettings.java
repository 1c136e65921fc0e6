package io.nettrace.autoconfigure;

import java.time.Duration;
import java.util.function.Consumer;

import javax.net.ssl.X509TrustManager;

import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.core.env.Environment;

/**
 * A client of OkHttp's as a bean of the application. Its settings are those of Boot's
 * clients.
 */
@Configuration(proxyBeanMethods = false)
class OkHttpSettings {

	private static final String CONNECT_TIMEOUT = "spring.http.clients.connect-timeout";

	private static final String READ_TIMEOUT = "spring.http.clients.read-timeout";

	/**
	 * Settings of one test.
	 */
	interface Customizer extends Consumer<OkHttpClient.Builder> {

	}

	/**
	 * So many calls may be executed at once, of those that are enqueued.
	 */
	static Customizer atOnce(int calls) {
		return (builder) -> {
			Dispatcher dispatcher = new Dispatcher();
			dispatcher.setMaxRequestsPerHost(calls);
			builder.dispatcher(dispatcher);
		};
	}

	@Bean
	@Scope(BeanDefinition.SCOPE_PROTOTYPE)
	OkHttpClient okHttpClient(Environment environment, SslBundles bundles, ObjectProvider<Customizer> customizers) {
		OkHttpClient.Builder builder = new OkHttpClient.Builder();
		Duration connectTimeout = environment.getProperty(CONNECT_TIMEOUT, Duration.class);
		if (connectTimeout != null) {
			// OkHttp would not wait for it if it had another address to try
			builder.connectTimeout(connectTimeout).fastFallback(false);
		}
		Duration readTimeout = environment.getProperty(READ_TIMEOUT, Duration.class);
		if (readTimeout != null) {
			builder.readTimeout(readTimeout);
		}
		String bundle = environment.getProperty("spring.http.clients.ssl.bundle");
		if (bundle != null) {
			trust(builder, bundles.getBundle(bundle));
		}
		customizers.orderedStream().forEach((customizer) -> customizer.accept(builder));
		return builder.build();
	}

	private static void trust(OkHttpClient.Builder builder, SslBundle bundle) {
		builder.sslSocketFactory(bundle.createSslContext().getSocketFactory(),
				(X509TrustManager) bundle.getManagers().getTrustManagers()[0]);
	}

}
