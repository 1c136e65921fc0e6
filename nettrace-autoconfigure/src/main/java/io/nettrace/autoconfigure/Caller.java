package io.nettrace.autoconfigure;

import java.util.Arrays;

import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/**
 * What an application sends requests with. The builders of both are in one module of
 * Boot, the callers in one each, and any of the three may be absent.
 */
enum Caller {

	/**
	 * {@code RestClient}, {@code RestTemplate} and HTTP service clients on them.
	 */
	REST_CLIENT("RestClient", "org.springframework.boot.restclient.RestClientCustomizer",
			"org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder", null),

	/**
	 * {@code WebClient} and HTTP service clients on it. It prefers a connector bean to
	 * the builder.
	 */
	WEB_CLIENT("WebClient", "org.springframework.boot.webclient.WebClientCustomizer",
			"org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder",
			"org.springframework.http.client.reactive.ClientHttpConnector");

	private final String label;

	private final String module;

	private final @Nullable Class<?> builderType;

	private final @Nullable Class<?> connectorType;

	Caller(String label, String module, String builder, @Nullable String connector) {
		this.label = label;
		this.module = module;
		this.builderType = find(builder);
		this.connectorType = (connector != null) ? find(connector) : null;
	}

	private static @Nullable Class<?> find(String name) {
		ClassLoader classLoader = Caller.class.getClassLoader();
		return ClassUtils.isPresent(name, classLoader) ? ClassUtils.resolveClassName(name, classLoader) : null;
	}

	/**
	 * A type that is there if Boot makes callers of this kind.
	 */
	String module() {
		return this.module;
	}

	/**
	 * The interface of Boot's builders, if there are any.
	 */
	@Nullable Class<?> builderType() {
		return this.builderType;
	}

	/**
	 * The interface of what a builder makes, if a bean of it is preferred to a builder.
	 */
	@Nullable Class<?> connectorType() {
		return this.connectorType;
	}

	boolean isPresent() {
		return this.builderType != null && ClassUtils.isPresent(this.module, getClass().getClassLoader());
	}

	/**
	 * Whose builder a bean is.
	 */
	static @Nullable Caller of(Object bean) {
		return Arrays.stream(values())
			.filter((caller) -> caller.builderType != null && caller.builderType.isInstance(bean))
			.findFirst()
			.orElse(null);
	}

	@Override
	public String toString() {
		return this.label;
	}

}
