package io.nettrace.autoconfigure;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Says at startup which requests of Spring Security's are not shown. Without a bean to
 * send them with, Security makes a client for each that is no bean.
 */
final class OAuth2Clients extends InstrumentingPostProcessor {

	private static final String REASON = "Spring Security makes a client of its own for them, without an observation; "
			+ "nettrace.libraries.oauth2.enabled=true sends them with one of Boot's";

	private final String requests;

	private final Class<?> user;

	private final Class<?> sender;

	private final boolean ofBoot;

	/**
	 * Create an instance.
	 * @param requests what they are called
	 * @param user the type of the bean that stands for an application that sends them
	 * @param sender the type of a bean that decides how they are sent
	 * @param ofBoot whether only Boot's bean takes that
	 */
	OAuth2Clients(String requests, Class<?> user, Class<?> sender, boolean ofBoot) {
		this.requests = requests;
		this.user = user;
		this.sender = sender;
		this.ofBoot = ofBoot;
	}

	@Override
	Object instrument(Object bean, String beanName, ConfigurableListableBeanFactory beanFactory) {
		if (this.user.isInstance(bean) && (!this.ofBoot || isBoots(beanName, beanFactory))
				&& beanFactory.getBeanNamesForType(this.sender, true, false).length == 0) {
			beanFactory.getBean(ClientCoverage.class).notInstrumented(this.requests, REASON);
		}
		return bean;
	}

	/**
	 * A configuration class that is imported has its name as a bean.
	 */
	private static boolean isBoots(String beanName, ConfigurableListableBeanFactory beanFactory) {
		String maker = beanFactory.containsBeanDefinition(beanName)
				? beanFactory.getMergedBeanDefinition(beanName).getFactoryBeanName() : null;
		return maker != null && maker.startsWith("org.springframework.boot.");
	}

}
