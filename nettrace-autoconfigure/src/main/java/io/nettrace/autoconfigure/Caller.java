package io.nettrace.autoconfigure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/**
 * What an application sends requests with. Boot has the builders for both in one module,
 * and each caller in a module of its own. Any of the three may be absent.
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

	private final String builder;

	private final @Nullable String connector;

	private final @Nullable Class<?> builderType;

	private final @Nullable Class<?> connectorType;

	Caller(String label, String module, String builder, @Nullable String connector) {
		this.label = label;
		this.module = module;
		this.builder = builder;
		this.connector = connector;
		this.builderType = find(builder);
		this.connectorType = (connector != null) ? find(connector) : null;
	}

	private static @Nullable Class<?> find(String name) {
		ClassLoader classLoader = Caller.class.getClassLoader();
		return ClassUtils.isPresent(name, classLoader) ? ClassUtils.resolveClassName(name, classLoader) : null;
	}

	/**
	 * The types that are looked up by name.
	 */
	List<String> typeNames() {
		List<String> names = new ArrayList<>(List.of(this.module, this.builder));
		if (this.connector != null) {
			names.add(this.connector);
		}
		return names;
	}

	/**
	 * The interface of Boot's builders, if present.
	 */
	@Nullable Class<?> builderType() {
		return this.builderType;
	}

	/**
	 * The interface of what a builder builds, if a bean of that type is preferred to a
	 * builder.
	 */
	@Nullable Class<?> connectorType() {
		return this.connectorType;
	}

	boolean isPresent() {
		return this.builderType != null && ClassUtils.isPresent(this.module, getClass().getClassLoader());
	}

	/**
	 * The caller that a builder bean is for.
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
