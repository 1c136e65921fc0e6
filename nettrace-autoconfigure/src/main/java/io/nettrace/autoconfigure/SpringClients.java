package io.nettrace.autoconfigure;

import java.util.Set;

import io.nettrace.autoconfigure.SentWith.Shown;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.SpringProxy;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Beans of Spring's clients, also those not made by Boot: {@code new RestTemplate()} and
 * {@code WebClient.create()} do not come from Boot's builders. What can be traced while
 * the client keeps its request factory is traced, and what is not is said.
 */
final class SpringClients extends InstrumentingPostProcessor {

	/**
	 * Of Boot's, which {@link BuilderPostProcessor} has traced. They are named with the
	 * builders.
	 */
	private static final Set<String> BOOTS_BEANS = Set.of("restClientBuilder", "webClientBuilder",
			"clientHttpConnector");

	@Override
	Object instrument(Object bean, String beanName, ConfigurableListableBeanFactory beanFactory) {
		SpringClient type = SpringClient.of(bean);
		if (type != null) {
			look(type, bean, beanName, beanFactory, beanFactory.getBean(ClientCoverage.class));
		}
		return bean;
	}

	/**
	 * Look again at what may have been changed since it was made.
	 */
	static void lookAtAll(ConfigurableListableBeanFactory beanFactory, ClientCoverage coverage) {
		for (SpringClient type : SpringClient.values()) {
			if (type.type() == null) {
				continue;
			}
			for (String name : beanFactory.getBeanNamesForType(type.type(), true, false)) {
				Object bean = beanFactory.isFactoryBean(name) ? null : beanFactory.getSingleton(name);
				if (bean != null && !(bean instanceof SpringProxy) && SpringClient.of(bean) == type) {
					look(type, bean, name, beanFactory, coverage);
				}
			}
		}
	}

	private static void look(SpringClient type, Object bean, String beanName,
			ConfigurableListableBeanFactory beanFactory, ClientCoverage coverage) {
		if (isBoots(beanName, beanFactory)) {
			return;
		}
		String name = type.name(beanName);
		Object factory = type.sendsWith(bean);
		if (factory == null) {
			coverage.unknown(name, type.isBuilder() ? "it was made without Boot. To see them, " + type.recipe()
					: "it is of a class of its own (" + bean.getClass().getName() + ")");
			return;
		}
		SentWith<?> sentWith = sentWith(factory, beanFactory);
		if (sentWith == null) {
			coverage.notInstrumented(name, "nettrace does not support what it sends with, or is switched off for it ("
					+ factory.getClass().getName() + ")");
			return;
		}
		try {
			if (beanFactory.getBean(NetTraceProperties.class).libraries().byHand().enabled()) {
				sentWith.instrument(factory);
			}
			Shown shown = sentWith.shown(factory);
			String on = " on " + sentWith.library();
			if (shown.anything()) {
				coverage.instrumented(name, on + ": " + shown.text());
			}
			else {
				coverage.notInstrumented(name, shown.text() + on + "; to see it, " + type.recipe());
			}
		}
		catch (LinkageError ex) {
			coverage.notInstrumented(name, "nettrace does not support this version: " + ex);
		}
	}

	/**
	 * Definitions that were processed ahead of time do not say who has made them.
	 */
	private static boolean isBoots(String beanName, ConfigurableListableBeanFactory beanFactory) {
		if (!beanFactory.containsBeanDefinition(beanName)) {
			return false;
		}
		String configuration = beanFactory.getBeanDefinition(beanName).getFactoryBeanName();
		return (configuration != null) ? configuration.startsWith("org.springframework.boot.")
				: BOOTS_BEANS.contains(beanName);
	}

	/**
	 * Does not look into factory beans, because that would create them early.
	 */
	private static @Nullable SentWith<?> sentWith(Object factory, ConfigurableListableBeanFactory beanFactory) {
		for (String name : BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, SentWith.class, true,
				false)) {
			SentWith<?> candidate = beanFactory.getBean(name, SentWith.class);
			if (candidate.supports(factory)) {
				return candidate;
			}
		}
		return null;
	}

}
