package io.nettrace.autoconfigure;

import java.lang.reflect.Parameter;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Warns of each {@code nettrace.*} property that nettrace does not know, and names the
 * nearest that it does: a misspelt switch would otherwise do nothing in silence.
 */
final class UnknownPropertiesLogger implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(UnknownPropertiesLogger.class);

	private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("nettrace");

	private final ConfigurableEnvironment environment;

	private final Set<ConfigurationPropertyName> known = new LinkedHashSet<>();

	UnknownPropertiesLogger(ConfigurableEnvironment environment) {
		this.environment = environment;
		addProperties(PREFIX, NetTraceProperties.class);
	}

	/**
	 * Of constructors, which ahead-of-time processing keeps for the binder, and not of
	 * record components.
	 */
	private void addProperties(ConfigurationPropertyName prefix, Class<?> type) {
		for (Parameter parameter : type.getDeclaredConstructors()[0].getParameters()) {
			ConfigurationPropertyName name = prefix.append(DataObjectPropertyName.toDashedForm(parameter.getName()));
			if (parameter.getType().isRecord()) {
				addProperties(name, parameter.getType());
			}
			else {
				this.known.add(name);
			}
		}
	}

	@Override
	public void afterSingletonsInstantiated() {
		Set<String> reported = new LinkedHashSet<>();
		for (PropertySource<?> source : this.environment.getPropertySources()) {
			if (source instanceof EnumerablePropertySource<?> enumerable) {
				Stream<String> names = Stream.of(enumerable.getPropertyNames());
				Stream<String> unknown = (source instanceof SystemEnvironmentPropertySource)
						? names.filter(this::isMisspeltVariable) : names.filter(this::isUnknown);
				unknown.filter(reported::add)
					.forEach((name) -> logger.warn("Unknown property '" + name + "' in " + source.getName()
							+ " does nothing; the nearest that exists is '" + nearest(canonical(name)) + "'"));
			}
		}
	}

	private boolean isUnknown(String property) {
		ConfigurationPropertyName name = ConfigurationPropertyName.adapt(property, '.');
		while (name.isLastElementIndexed()) {
			name = name.getParent();
		}
		return PREFIX.isAncestorOf(name) && !this.known.contains(name);
	}

	/**
	 * An environment holds variables of others that begin alike, those that Kubernetes
	 * makes for a service called nettrace for one; only a near miss is reported.
	 */
	private boolean isMisspeltVariable(String variable) {
		String name = variable.toUpperCase(Locale.ROOT).replaceAll("(_\\d+)+_?$", "");
		if (!name.startsWith("NETTRACE_") || variables().contains(name)) {
			return false;
		}
		String canonical = canonical(variable);
		return distance(canonical, canonical(nearest(canonical))) <= canonical.length() / 5;
	}

	/**
	 * As Boot reads them: without the dashes, or with underscores in their place.
	 */
	private Set<String> variables() {
		return this.known.stream()
			.map((name) -> name.toString().toUpperCase(Locale.ROOT).replace('.', '_'))
			.flatMap((name) -> Stream.of(name.replace("-", ""), name.replace('-', '_')))
			.collect(Collectors.toSet());
	}

	private String nearest(String canonical) {
		return this.known.stream()
			.map(ConfigurationPropertyName::toString)
			.min(Comparator.comparingInt((name) -> distance(canonical, canonical(name))))
			.orElseThrow();
	}

	private static String canonical(String name) {
		return name.toLowerCase(Locale.ROOT).replace('_', '.').replace("-", "");
	}

	/**
	 * Levenshtein's.
	 */
	private static int distance(String left, String right) {
		int[] previous = new int[right.length() + 1];
		for (int j = 0; j <= right.length(); j++) {
			previous[j] = j;
		}
		for (int i = 1; i <= left.length(); i++) {
			int[] current = new int[right.length() + 1];
			current[0] = i;
			for (int j = 1; j <= right.length(); j++) {
				int replaced = previous[j - 1] + ((left.charAt(i - 1) == right.charAt(j - 1)) ? 0 : 1);
				current[j] = Math.min(replaced, Math.min(previous[j], current[j - 1]) + 1);
			}
			previous = current;
		}
		return previous[right.length()];
	}

}
