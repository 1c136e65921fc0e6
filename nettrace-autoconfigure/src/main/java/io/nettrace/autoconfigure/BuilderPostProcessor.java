package io.nettrace.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Instruments Boot's client builder beans. A customizer would not see the customizers
 * that run after it, and Boot would not call it at all for a builder bean of the
 * application.
 */
final class BuilderPostProcessor extends InstrumentingPostProcessor {

	@Override
	Object instrument(Object bean, String beanName, ConfigurableListableBeanFactory beanFactory) {
		Caller caller = Caller.of(bean);
		return (caller != null) ? instrumented(caller, bean, beanName, beanFactory) : bean;
	}

	private static Object instrumented(Caller caller, Object builder, String beanName,
			ConfigurableListableBeanFactory beanFactory) {
		ClientCoverage coverage = beanFactory.getBean(ClientCoverage.class);
		ClientInstrumentation<?> instrumentation = instrumentation(builder, beanFactory);
		if (instrumentation == null) {
			coverage.notInstrumented(caller, beanName, builder,
					"nettrace does not support its type, or is switched off for it");
			return builder;
		}
		try {
			Object instrumented = instrumentation.apply(builder);
			coverage.instrumented(caller, beanName, instrumentation);
			return instrumented;
		}
		catch (LinkageError ex) {
			coverage.notInstrumented(caller, beanName, builder, "nettrace does not support this version: " + ex);
			return builder;
		}
	}

	/**
	 * Does not look into factory beans, because that would create them early.
	 */
	private static @Nullable ClientInstrumentation<?> instrumentation(Object builder,
			ConfigurableListableBeanFactory beanFactory) {
		for (String name : BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, ClientInstrumentation.class,
				true, false)) {
			ClientInstrumentation<?> candidate = beanFactory.getBean(name, ClientInstrumentation.class);
			if (candidate.supports(builder)) {
				return candidate;
			}
		}
		return null;
	}

}
