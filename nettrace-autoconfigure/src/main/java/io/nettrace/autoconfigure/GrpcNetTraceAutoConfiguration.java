package io.nettrace.autoconfigure;

import io.grpc.NameResolverProvider;
import io.nettrace.client.grpc.NetTraceGrpc;
import io.nettrace.instrument.NetTracing;
import io.netty.bootstrap.Bootstrap;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for gRPC: what an application gives to the builder of a channel. A
 * builder takes Netty's channels only together with event loops, so none is changed here.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnClass({ NameResolverProvider.class, Bootstrap.class })
@ConditionalOnBean(NetTracing.class)
@ConditionalOnBooleanProperty(name = "nettrace.libraries.grpc.enabled", matchIfMissing = true)
public final class GrpcNetTraceAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	NetTraceGrpc netTraceGrpc(NetTracing tracing) {
		return new NetTraceGrpc(tracing);
	}

	@Bean
	static GrpcPostProcessor netTraceGrpcPostProcessor() {
		return new GrpcPostProcessor();
	}

}
