package io.nettrace.autoconfigure;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Logs what the application's clients show; without it, what a library cannot show would
 * look like a bug. It reports only what it has seen: at startup the builders and clients
 * that exist by then, later ones when they are created.
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

	private final Map<String, Finding> findings = new TreeMap<>();

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
			instrumented(caller + " on " + instrumentation.library(), ": " + instrumentation.shown().get());
		}
	}

	/**
	 * A client was instrumented.
	 * @param client the client
	 * @param shown follows it: what it shows
	 */
	void instrumented(String client, String shown) {
		found(client, new Finding(Kind.SHOWN, shown));
	}

	/**
	 * A builder was not instrumented.
	 */
	synchronized void notInstrumented(Caller caller, String beanName, Object builder, String reason) {
		this.builders.add(beanName);
		if (isTold(caller)) {
			notInstrumented(caller + " with the builder '" + beanName + "'",
					reason + " (" + builder.getClass().getName() + ")");
		}
	}

	/**
	 * A client was not instrumented.
	 * @param client the client
	 * @param reason why
	 */
	void notInstrumented(String client, String reason) {
		found(client, new Finding(Kind.NOT_SHOWN, reason));
	}

	/**
	 * It cannot be told whether a client is instrumented.
	 * @param client the client
	 * @param reason why
	 */
	void unknown(String client, String reason) {
		found(client, new Finding(Kind.UNKNOWN, reason));
	}

	private synchronized void found(String client, Finding finding) {
		if (!finding.equals(this.findings.put(client, finding)) && this.started) {
			logger.info(finding.line(client));
		}
	}

	private boolean isTold(Caller caller) {
		return caller.isPresent() && ownConnectors(caller).isEmpty();
	}

	@Override
	public synchronized void afterSingletonsInstantiated() {
		List<Caller> present = Stream.of(Caller.values()).filter(Caller::isPresent).toList();
		present.forEach(this::addBuildersMadeEarlier);
		SpringClients.lookAtAll(this.beanFactory, this);
		this.started = true;
		logSummary(present.stream().allMatch((caller) -> builders(caller).isEmpty()));
		for (Kind kind : List.of(Kind.NOT_SHOWN, Kind.UNKNOWN)) {
			byReason(kind)
				.forEach((reason, clients) -> logger.info(new Finding(kind, reason).line(String.join(", ", clients))));
		}
	}

	private void logSummary(boolean hasNoBuilder) {
		String shown = clients(Kind.SHOWN).map((client) -> client.getKey() + client.getValue().text())
			.collect(Collectors.joining("; "));
		String notShown = clients(Kind.NOT_SHOWN).map(Map.Entry::getKey).collect(Collectors.joining(", "));
		if (!notShown.isEmpty()) {
			logger.info("nettrace shows " + (shown.isEmpty() ? "no client" : shown) + "; not shown: " + notShown);
		}
		else if (!shown.isEmpty()) {
			logger.info("nettrace shows " + shown);
		}
		else if (hasNoBuilder && this.findings.isEmpty()) {
			logger.info("nettrace found no HTTP client to trace");
		}
	}

	private Stream<Map.Entry<String, Finding>> clients(Kind kind) {
		return this.findings.entrySet().stream().filter((client) -> client.getValue().kind() == kind);
	}

	/**
	 * Many clients may have one reason.
	 */
	private Map<String, List<String>> byReason(Kind kind) {
		Map<String, List<String>> clients = new TreeMap<>();
		clients(kind)
			.forEach((client) -> clients.computeIfAbsent(client.getValue().text(), (reason) -> new ArrayList<>())
				.add(client.getKey()));
		return clients;
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

	private enum Kind {

		SHOWN, NOT_SHOWN, UNKNOWN

	}

	/**
	 * What is known of a client.
	 *
	 * @param kind whether it is shown
	 * @param text what is shown, or else the reason
	 */
	private record Finding(Kind kind, String text) {

		String line(String client) {
			return switch (this.kind) {
				case SHOWN -> "nettrace shows " + client + this.text;
				case NOT_SHOWN -> "nettrace does not show " + client + ": " + this.text;
				case UNKNOWN -> "nettrace cannot tell what is shown of " + client + ": " + this.text;
			};
		}

	}

}
