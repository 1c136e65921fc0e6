package io.nettrace.autoconfigure;

import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Says once at start what each client of the application shows: what a library cannot
 * give would otherwise look like a fault.
 */
final class CoverageLogger implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(CoverageLogger.class);

	private final ListableBeanFactory beanFactory;

	CoverageLogger(ListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public void afterSingletonsInstantiated() {
		List<String> covered = this.beanFactory.getBeansOfType(ClientCoverage.class)
			.values()
			.stream()
			.filter((coverage) -> coverage.isCallerPresent(getClass().getClassLoader()))
			.filter((coverage) -> this.beanFactory.getBeanNamesForType(coverage.builderType(), true, false).length > 0)
			.map(ClientCoverage::toString)
			.sorted()
			.toList();
		logger.info(covered.isEmpty() ? "nettrace found no HTTP client to trace"
				: "nettrace shows " + String.join("; ", covered));
	}

}
