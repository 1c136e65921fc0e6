package io.nettrace.autoconfigure;

import org.springframework.aop.SpringProxy;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;

/**
 * Instruments clients or builders that are beans, however they are made.
 * <p>
 * The bean post-processor is not a bean. It is the first one in the bean factory, so that
 * it also sees a bean that is created early because another post-processor needs it.
 */
abstract class InstrumentingPostProcessor implements BeanFactoryPostProcessor, PriorityOrdered {

	@Override
	public final int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public final void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		beanFactory.addBeanPostProcessor(new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				// the target of a proxy is a separate bean
				return (bean instanceof SpringProxy) ? bean : instrument(bean, beanName, beanFactory);
			}

		});
	}

	/**
	 * Called for each bean of the application, and each product of a factory bean.
	 * @param bean the bean, of any type
	 * @param beanName its name
	 * @param beanFactory has what instruments it
	 * @return what is to be the bean
	 */
	abstract Object instrument(Object bean, String beanName, ConfigurableListableBeanFactory beanFactory);

}
