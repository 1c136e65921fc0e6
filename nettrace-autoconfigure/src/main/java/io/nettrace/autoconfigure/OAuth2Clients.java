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

	/**
	 * Create an instance.
	 * @param requests what they are called
	 * @param user the type of the bean that stands for an application that sends them
	 * @param sender the type of a bean that decides how they are sent
	 */
	OAuth2Clients(String requests, Class<?> user, Class<?> sender) {
		this.requests = requests;
		this.user = user;
		this.sender = sender;
	}

	@Override
	Object instrument(Object bean, String beanName, ConfigurableListableBeanFactory beanFactory) {
		if (this.user.isInstance(bean) && beanFactory.getBeanNamesForType(this.sender, true, false).length == 0) {
			beanFactory.getBean(ClientCoverage.class).notInstrumented(this.requests, REASON);
		}
		return bean;
	}

}
