package io.nettrace.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.aop.SpringProxy;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;

/**
 * Instruments Boot's client builder beans. A customizer would not see the customizers
 * that run after it, and Boot would not call it at all for a builder bean of the
 * application.
 * <p>
 * The bean post-processor is not a bean. It is the first one in the bean factory, so that
 * it also sees a builder that is created early because another post-processor needs it.
 */
final class BuilderPostProcessor implements BeanFactoryPostProcessor, PriorityOrdered {

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		beanFactory.addBeanPostProcessor(new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				// the target of a proxy is a separate bean
				Caller caller = (bean instanceof SpringProxy) ? null : Caller.of(bean);
				return (caller != null) ? instrumented(caller, bean, beanName, beanFactory) : bean;
			}

		});
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
