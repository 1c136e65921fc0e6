package io.nettrace.autoconfigure;

import java.util.function.UnaryOperator;

import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Instruments Boot's client builder beans. A customizer would see only those customizers
 * that are ordered before it, and would not be called at all for a builder bean that the
 * application defines.
 *
 * @param <B> the type of builder
 */
final class BuilderPostProcessor<B> implements BeanPostProcessor {

	private final Class<B> type;

	private final UnaryOperator<B> instrument;

	BuilderPostProcessor(Class<B> type, UnaryOperator<B> instrument) {
		this.type = type;
		this.instrument = instrument;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		return this.type.isInstance(bean) ? this.instrument.apply(this.type.cast(bean)) : bean;
	}

}
