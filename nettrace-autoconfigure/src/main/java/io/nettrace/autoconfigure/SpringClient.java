package io.nettrace.autoconfigure;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;

/**
 * The types of beans that send requests, or make what does. Any of them may be absent,
 * and a bean of each may have been made without Boot's builders.
 */
enum SpringClient {

	REST_TEMPLATE("org.springframework.web.client.RestTemplate", "build it with an injected RestTemplateBuilder",
			"requestFactory"),

	REST_CLIENT("org.springframework.web.client.RestClient", "build it with an injected RestClient.Builder",
			"clientRequestFactory"),

	REST_CLIENT_BUILDER("org.springframework.web.client.RestClient$Builder",
			"let the bean RestClientBuilderConfigurer configure it", "requestFactory"),

	WEB_CLIENT("org.springframework.web.reactive.function.client.WebClient",
			"build it with an injected WebClient.Builder", "exchangeFunction.connector"),

	WEB_CLIENT_BUILDER("org.springframework.web.reactive.function.client.WebClient$Builder",
			"let the beans of WebClientCustomizer customize it", "connector"),

	REQUEST_FACTORY("org.springframework.http.client.ClientHttpRequestFactory",
			"build it with an injected ClientHttpRequestFactoryBuilder", ""),

	CONNECTOR("org.springframework.http.client.reactive.ClientHttpConnector",
			"build it with an injected ClientHttpConnectorBuilder", "");

	/**
	 * Around a request factory, for interceptors.
	 */
	private static final String WRAPPER = "org.springframework.http.client.AbstractClientHttpRequestFactoryWrapper";

	private static final String WRAPPED = "requestFactory";

	private final String typeName;

	private final @Nullable Class<?> type;

	private final String recipe;

	private final String path;

	/**
	 * Create a constant.
	 * @param typeName the name of the type
	 * @param recipe how to have it traced
	 * @param path the fields that lead to the request factory or connector, with dots
	 * between
	 */
	SpringClient(String typeName, String recipe, String path) {
		ClassLoader classLoader = SpringClient.class.getClassLoader();
		this.typeName = typeName;
		this.type = ClassUtils.isPresent(typeName, classLoader) ? ClassUtils.resolveClassName(typeName, classLoader)
				: null;
		this.recipe = recipe;
		this.path = path;
	}

	/**
	 * The type that a bean is of.
	 */
	static @Nullable SpringClient of(Object bean) {
		return Arrays.stream(values())
			.filter((client) -> client.type != null && client.type.isInstance(bean))
			.findFirst()
			.orElse(null);
	}

	@Nullable Class<?> type() {
		return this.type;
	}

	boolean isBuilder() {
		return this == REST_CLIENT_BUILDER || this == WEB_CLIENT_BUILDER;
	}

	String recipe() {
		return this.recipe;
	}

	/**
	 * Return the request factory or connector that a bean sends with, without calling the
	 * bean: Spring has no getter for most.
	 * @return the innermost one; {@code null} if it cannot be read, or a builder has none
	 * yet
	 */
	@Nullable Object sendsWith(Object bean) {
		Object found = bean;
		for (String field : StringUtils.tokenizeToStringArray(this.path, ".")) {
			found = (found != null) ? read(found, field) : null;
		}
		while (found != null && isWrapper(found)) {
			found = read(found, WRAPPED);
		}
		return found;
	}

	private static boolean isWrapper(Object factory) {
		for (Class<?> type = factory.getClass(); type != null; type = type.getSuperclass()) {
			if (type.getName().equals(WRAPPER)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Reads fields of Spring's own classes only: one of the application's may have a
	 * field of that name, too.
	 */
	private static @Nullable Object read(Object target, String name) {
		for (Class<?> type = target.getClass(); type != null; type = type.getSuperclass()) {
			if (type.getName().startsWith("org.springframework.")) {
				Field field = ReflectionUtils.findField(type, name);
				if (field == null) {
					return null;
				}
				try {
					field.setAccessible(true);
					return field.get(target);
				}
				catch (ReflectiveOperationException | RuntimeException ex) {
					return null;
				}
			}
		}
		return null;
	}

	/**
	 * The names of the types and fields that are read by reflection.
	 */
	static Map<String, String> readFields() {
		String web = "org.springframework.web.client.";
		String webFlux = "org.springframework.web.reactive.function.client.";
		return Map.of("org.springframework.http.client.support.HttpAccessor", "requestFactory",
				web + "DefaultRestClient", "clientRequestFactory", web + "DefaultRestClientBuilder", "requestFactory",
				webFlux + "DefaultWebClient", "exchangeFunction", webFlux + "ExchangeFunctions$DefaultExchangeFunction",
				"connector", webFlux + "DefaultWebClientBuilder", "connector", WRAPPER, WRAPPED);
	}

	String typeName() {
		return this.typeName;
	}

	/**
	 * How a bean is named in the log.
	 */
	String name(String beanName) {
		return (isBuilder() ? "clients of the " : "the ") + ClassUtils.getShortName(this.typeName) + " '" + beanName
				+ "'";
	}

}
