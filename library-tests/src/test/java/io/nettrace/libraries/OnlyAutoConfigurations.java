package io.nettrace.libraries;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * Leaves an application only the auto-configurations that it names, so that the libraries
 * of other tests, which are on the class path as well, are not started with it. Their
 * conditions and their order stay.
 */
class OnlyAutoConfigurations implements AutoConfigurationImportFilter, EnvironmentAware {

	/**
	 * Beginnings of class names, of the application's own libraries.
	 */
	static final String PROPERTY = "only-auto-configurations";

	private static final List<String> ALWAYS = List.of("io.nettrace.", "org.springframework.boot.autoconfigure.",
			"org.springframework.boot.micrometer.", "org.springframework.boot.opentelemetry.",
			"org.springframework.boot.http.", "org.springframework.boot.restclient.",
			"org.springframework.boot.webclient.", "org.springframework.boot.reactor.",
			"org.springframework.boot.jackson.autoconfigure.");

	/**
	 * Beginnings of the names of auto-configurations that are called otherwise.
	 */
	private static final List<String> OTHER_NAMES = List.of("org.springframework.cloud.netflix.eureka.",
			"org.springframework.cloud.gateway.server.mvc.");

	private final List<String> beginnings = new ArrayList<>(ALWAYS);

	@Override
	public void setEnvironment(Environment environment) {
		this.beginnings.addAll(List.of(environment.getProperty(PROPERTY, String[].class, new String[0])));
	}

	/**
	 * Also asked about what an auto-configuration imports.
	 */
	@Override
	public boolean[] match(@Nullable String[] autoConfigurationClasses, AutoConfigurationMetadata metadata) {
		boolean[] matches = new boolean[autoConfigurationClasses.length];
		for (int i = 0; i < matches.length; i++) {
			String name = autoConfigurationClasses[i];
			matches[i] = name != null
					&& (!isAutoConfiguration(name) || this.beginnings.stream().anyMatch(name::startsWith));
		}
		return matches;
	}

	private static boolean isAutoConfiguration(String name) {
		return name.endsWith("AutoConfiguration")
				|| (OTHER_NAMES.stream().anyMatch(name::startsWith) && !name.contains("$"));
	}

}
