package io.nettrace.autoconfigure;

import io.micrometer.observation.ObservationRegistry;
import io.nettrace.observation.ConnectionWaitContext;
import io.nettrace.observation.ConnectionWaitObservationConvention;
import io.nettrace.observation.DnsLookupContext;
import io.nettrace.observation.DnsLookupObservationConvention;
import io.nettrace.observation.HostGuard;
import io.nettrace.observation.ObservationNetTraceFactory;
import io.nettrace.observation.ObservationSettings;
import io.nettrace.observation.ProxyConnectContext;
import io.nettrace.observation.ProxyConnectObservationConvention;
import io.nettrace.observation.RequestLog;
import io.nettrace.observation.RequestMeters;
import io.nettrace.observation.RequestRecordSink;
import io.nettrace.observation.RequestRecorder;
import io.nettrace.observation.RequestSpan;
import io.nettrace.observation.SocketConnectContext;
import io.nettrace.observation.SocketConnectObservationConvention;
import io.nettrace.observation.TlsHandshakeContext;
import io.nettrace.observation.TlsHandshakeObservationConvention;
import io.nettrace.observation.jfr.FlightRecorderSink;
import io.nettrace.observation.jfr.FlightRecorderStepHandler;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.function.SingletonSupplier;

/**
 * Auto-configuration that turns hooks into observations.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean({ NetTraceProperties.class, ObservationRegistry.class })
public final class NetTraceObservationAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	HostGuard netTraceHostGuard(NetTraceProperties properties) {
		return new HostGuard(properties.observations().maxHosts());
	}

	@Bean
	@ConditionalOnMissingBean
	ObservationNetTraceFactory observationNetTraceFactory(NetTraceProperties properties,
			ObjectProvider<ObservationRegistry> registry, ObjectProvider<RequestMeters> meters, HostGuard hosts,
			BeanFactory beanFactory) {
		NetTraceProperties.Observations observations = properties.observations();
		ObservationSettings settings = ObservationSettings.defaults()
			.withRequireParent(observations.requireParent())
			.withExchanges(observations.exchanges())
			.withHosts(hosts)
			.withPatterns(observations.patterns())
			.withSpanNames(properties.spans().names());
		return new ObservationNetTraceFactory(SingletonSupplier.of(registry::getObject),
				SingletonSupplier.ofNullable(meters::getIfAvailable), withConventions(settings, beanFactory));
	}

	@Bean
	@ConditionalOnBooleanProperty(name = "nettrace.observations.exchanges", matchIfMissing = true)
	RequestRecorder netTraceRequestRecorder(ObjectProvider<RequestRecordSink> sinks) {
		return new RequestRecorder(sinks.orderedStream().toList());
	}

	/**
	 * Always there: a duration may be set only at run time, after the application was
	 * processed ahead of time.
	 */
	@Bean
	RequestLog netTraceRequestLog(NetTraceProperties properties, ObjectProvider<RequestSpan.Finder> spans) {
		return new RequestLog(properties.log().slowerThan(), properties.observations().hideAddresses(),
				spans.getIfAvailable(() -> RequestSpan.Finder.NONE));
	}

	/**
	 * A run-time image may lack the module.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(name = "jdk.jfr.Event")
	static class FlightRecorder {

		@Bean
		FlightRecorderSink netTraceFlightRecorderSink(NetTraceProperties properties) {
			return new FlightRecorderSink(properties.observations().hideAddresses());
		}

		@Bean
		FlightRecorderStepHandler netTraceFlightRecorderStepHandler(NetTraceProperties properties) {
			return new FlightRecorderStepHandler(properties.observations().hideAddresses());
		}

	}

	private static ObservationSettings withConventions(ObservationSettings settings, BeanFactory beanFactory) {
		return settings
			.withConvention(ConnectionWaitContext.class, bean(beanFactory, ConnectionWaitObservationConvention.class))
			.withConvention(DnsLookupContext.class, bean(beanFactory, DnsLookupObservationConvention.class))
			.withConvention(SocketConnectContext.class, bean(beanFactory, SocketConnectObservationConvention.class))
			.withConvention(ProxyConnectContext.class, bean(beanFactory, ProxyConnectObservationConvention.class))
			.withConvention(TlsHandshakeContext.class, bean(beanFactory, TlsHandshakeObservationConvention.class));
	}

	private static <T> @Nullable T bean(BeanFactory beanFactory, Class<T> type) {
		return beanFactory.getBeanProvider(type).getIfAvailable();
	}

}
