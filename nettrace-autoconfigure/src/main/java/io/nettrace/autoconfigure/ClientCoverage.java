package io.nettrace.autoconfigure;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Logs what the application's clients show; without it, what a library cannot show would
 * look like a bug. It reports only builders that it has seen: at startup those that exist
 * by then, later ones when they are created.
 */
final class ClientCoverage implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(ClientCoverage.class);

	/**
	 * The name of Boot's bean, which exists if the application has none of its own.
	 */
	private static final String CONNECTOR = "clientHttpConnector";

	private final ConfigurableListableBeanFactory beanFactory;

	// All guarded by this
	private final Set<String> builders = new HashSet<>();

	private final Set<String> shown = new TreeSet<>();

	private final Set<String> notShown = new TreeSet<>();

	private boolean started;

	ClientCoverage(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * A builder was instrumented.
	 */
	synchronized void instrumented(Caller caller, String beanName, ClientInstrumentation<?> instrumentation) {
		this.builders.add(beanName);
		if (isTold(caller)) {
			instrumented(caller + " on " + instrumentation.library() + ": " + instrumentation.shown().get());
		}
	}

	/**
	 * A client was instrumented.
	 * @param line names the client, and what it shows
	 */
	synchronized void instrumented(String line) {
		if (this.shown.add(line) && this.started) {
			logger.info("nettrace shows " + line);
		}
	}

	/**
	 * A builder was not instrumented.
	 */
	synchronized void notInstrumented(Caller caller, String beanName, Object builder, String reason) {
		this.builders.add(beanName);
		if (isTold(caller)) {
			notInstrumented(caller + " with the builder '" + beanName + "': " + reason + " ("
					+ builder.getClass().getName() + ")");
		}
	}

	/**
	 * A client was not instrumented.
	 * @param line names the client, and why
	 */
	synchronized void notInstrumented(String line) {
		if (this.notShown.add(line) && this.started) {
			logger.info("nettrace does not show " + line);
		}
	}

	private boolean isTold(Caller caller) {
		return caller.isPresent() && ownConnectors(caller).isEmpty();
	}

	@Override
	public synchronized void afterSingletonsInstantiated() {
		List<Caller> present = Stream.of(Caller.values()).filter(Caller::isPresent).toList();
		present.forEach(this::addBuildersMadeEarlier);
		this.started = true;
		if (!this.shown.isEmpty()) {
			logger.info("nettrace shows " + String.join("; ", this.shown));
		}
		else if (present.stream().allMatch((caller) -> builders(caller).isEmpty())) {
			logger.info("nettrace found no HTTP client to trace");
		}
		this.notShown.forEach((line) -> logger.info("nettrace does not show " + line));
		present.forEach((caller) -> ownConnectors(caller)
			.forEach((name) -> logger.info("nettrace cannot tell what " + caller + " shows: the connector '" + name
					+ "' is the application's own. It is traced if it was built with an injected"
					+ " ClientHttpConnectorBuilder, or instrumented by hand")));
	}

	/**
	 * Bean factory post-processors can create beans before bean post-processors exist.
	 */
	private void addBuildersMadeEarlier(Caller caller) {
		builders(caller).stream()
			.filter((name) -> this.beanFactory.containsSingleton(name) && !this.beanFactory.isFactoryBean(name))
			.filter((name) -> !this.builders.contains(name))
			.forEach((name) -> notInstrumented(caller, name, this.beanFactory.getBean(name),
					"it was created before beans could be instrumented"));
	}

	private List<String> builders(Caller caller) {
		return beansOfType(caller.builderType());
	}

	private List<String> ownConnectors(Caller caller) {
		return beansOfType(caller.connectorType()).stream().filter((name) -> !name.equals(CONNECTOR)).toList();
	}

	/**
	 * Does not look into factory beans, because that would create them.
	 */
	private List<String> beansOfType(@Nullable Class<?> type) {
		return (type != null)
				? List.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, type, true, false))
				: List.of();
	}

}
