package io.nettrace.autoconfigure;

import java.util.List;
import java.util.Properties;

import io.nettrace.client.AddressFilters;
import io.nettrace.instrument.OptionalType;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.ReflectionHints;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;
import org.springframework.util.ClassUtils;

/**
 * What a native image must keep because it is found by reflection or by
 * {@link java.util.ServiceLoader}. Types are named as strings because any of the
 * libraries may be absent.
 */
final class NetTraceRuntimeHints implements RuntimeHintsRegistrar {

	private static final String SPRING_HTTP = "org.springframework.http.client.ClientHttpRequestFactory";

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		registerReadFields(hints.reflection(), classLoader);
		registerTypesAskedFor(hints.reflection(), classLoader);
		registerFactoriesOfJdbc(hints.reflection(), classLoader);
		registerVirtualThreads(hints.reflection(), classLoader);
		registerService(hints, classLoader, "java.net.spi.InetAddressResolverProvider",
				JdkNetTraceAutoConfiguration.RESOLVER);
		registerService(hints, classLoader, "io.micrometer.context.ThreadLocalAccessor",
				"io.nettrace.NetTraceContextAccessor");
	}

	/**
	 * See {@link AddressFilters}, {@link FinishedReactorClient}, {@link SpringClient},
	 * {@link PrivateField}, {@code LettuceCustomizer}, {@code MongoPostProcessor}, in
	 * {@code io.nettrace.client.reactor} {@code TracedChannelInit},
	 * {@code TracedObserver}, {@code AskedProxy}, {@code RequestSettings},
	 * {@code DnsResolverSettings} and {@code PoolSettings}, and in
	 * {@code io.nettrace.client.httpcomponents} {@code PrivateFields}.
	 */
	private static void registerReadFields(ReflectionHints hints, @Nullable ClassLoader classLoader) {
		for (String type : List.of("io.PoolingHttpClientConnectionManagerBuilder",
				"io.PoolingHttpClientConnectionManager", "io.PoolingHttpClientConnectionManager$3",
				"nio.PoolingAsyncClientConnectionManagerBuilder", "nio.PoolingAsyncClientConnectionManager",
				"classic.HttpClientBuilder", "async.HttpAsyncClientBuilder", "classic.InternalHttpClient",
				"async.InternalHttpAsyncClient", "nio.DefaultAsyncClientConnectionOperator",
				"nio.MultihomeIOSessionRequester", "io.DefaultHttpClientConnectionOperator")) {
			hints.registerTypeIfPresent(classLoader, "org.apache.hc.client5.http.impl." + type,
					MemberCategory.ACCESS_DECLARED_FIELDS);
		}
		for (String type : List.of("org.springframework.http.client.ReactorClientHttpRequestFactory",
				"org.springframework.http.client.reactive.ReactorClientHttpConnector",
				"org.springframework.web.reactive.socket.client.ReactorNettyWebSocketClient")) {
			if (ClassUtils.isPresent("reactor.netty.http.client.HttpClient", classLoader)) {
				hints.registerTypeIfPresent(classLoader, type, (hint) -> hint.withField(FinishedReactorClient.FIELD));
			}
		}
		if (ClassUtils.isPresent(SPRING_HTTP, classLoader)) {
			SpringClient.readFields()
				.forEach((type, field) -> hints.registerTypeIfPresent(classLoader, type,
						(hint) -> hint.withField(field)));
		}
		for (String type : List.of("JettyClientHttpRequestFactory", "JdkClientHttpRequestFactory",
				"reactive.JettyClientHttpConnector", "reactive.JdkClientHttpConnector")) {
			hints.registerTypeIfPresent(classLoader, "org.springframework.http.client." + type,
					(hint) -> hint.withField("httpClient"));
		}
		hints.registerTypeIfPresent(classLoader,
				"org.springframework.http.client.reactive.HttpComponentsClientHttpConnector",
				(hint) -> hint.withField("client"));
		hints.registerTypeIfPresent(classLoader, "org.apache.camel.component.http.HttpEndpoint",
				(hint) -> hint.withField("httpClient"));
		hints.registerTypeIfPresent(classLoader, "reactor.netty.transport.TransportConfig",
				(hint) -> hint.withField("doOnChannelInit").withField("observer"));
		hints.registerTypeIfPresent(classLoader, "reactor.netty.transport.ClientTransportConfig",
				(hint) -> hint.withField("proxyProviderSupplier").withField("resolvedAddressesSelector"));
		hints.registerTypeIfPresent(classLoader, "reactor.netty.http.client.HttpClientConnect$MonoHttpConnect",
				(hint) -> hint.withField("config"));
		hints.registerTypeIfPresent(classLoader, "reactor.netty.resources.ConnectionProvider$ConnectionPoolSpec",
				MemberCategory.ACCESS_DECLARED_FIELDS);
		hints.registerTypeIfPresent(classLoader, "reactor.netty.resources.ConnectionProvider$Builder",
				(hint) -> hint.withField("confPerRemoteHost"));
		hints.registerTypeIfPresent(classLoader, "io.netty.resolver.dns.DnsAddressResolverGroup",
				(hint) -> hint.withField("dnsResolverBuilder"));
		hints.registerTypeIfPresent(classLoader, "io.netty.resolver.dns.DnsNameResolverBuilder",
				(hint) -> hint.withField("dnsQueryLifecycleObserverFactory")
					.withField("dnsServerAddressStreamProvider"));
		hints.registerTypeIfPresent(classLoader, "reactor.netty.http.client.HttpConnectionProvider",
				MemberCategory.INVOKE_DECLARED_METHODS);
		hints.registerTypeIfPresent(classLoader, "io.lettuce.core.resource.DefaultClientResources$Builder",
				(hint) -> hint.withField("nettyCustomizer"));
		for (String mongo : List.of("client", "reactivestreams.client")) {
			hints.registerTypeIfPresent(classLoader, "com.mongodb." + mongo + ".internal.MongoClientImpl",
					(hint) -> hint.withMethod("getSettings", List.of(), ExecutableMode.INVOKE));
		}
		for (String filter : AddressFilters.TYPES) {
			hints.registerTypeIfPresent(classLoader, filter, (hint) -> {
				AddressFilters.FIELDS.forEach(hint::withField);
				hint.withMembers(MemberCategory.INVOKE_DECLARED_CONSTRUCTORS);
			});
		}
	}

	/**
	 * A native image may treat a type without a hint as absent.
	 */
	private static void registerTypesAskedFor(ReflectionHints hints, @Nullable ClassLoader classLoader) {
		for (OptionalType type : OptionalType.values()) {
			hints.registerTypeIfPresent(classLoader, type.className());
		}
		for (Caller caller : Caller.values()) {
			caller.typeNames().forEach((type) -> hints.registerTypeIfPresent(classLoader, type));
		}
		if (ClassUtils.isPresent(SPRING_HTTP, classLoader)) {
			for (SpringClient client : SpringClient.values()) {
				hints.registerTypeIfPresent(classLoader, client.typeName());
			}
		}
	}

	/**
	 * The driver makes them by their names.
	 */
	private static void registerFactoriesOfJdbc(ReflectionHints hints, @Nullable ClassLoader classLoader) {
		if (ClassUtils.isPresent("org.postgresql.Driver", classLoader)) {
			for (String factory : List.of("SocketFactory", "SslFactory", "ConnectExecutor")) {
				hints.registerType(TypeReference.of("io.nettrace.client.jdbc.Postgresql" + factory),
						(hint) -> hint.withConstructor(TypeReference.listOf(Properties.class), ExecutableMode.INVOKE));
			}
		}
	}

	/**
	 * See {@code io.nettrace.concurrent.Threads}: compiled for Java 17.
	 */
	private static void registerVirtualThreads(ReflectionHints hints, @Nullable ClassLoader classLoader) {
		String builder = "java.lang.Thread$Builder";
		if (ClassUtils.isPresent(builder, classLoader)) {
			hints.registerType(Thread.class, (hint) -> hint.withMethod("ofVirtual", List.of(), ExecutableMode.INVOKE)
				.withMethod("isVirtual", List.of(), ExecutableMode.INVOKE));
			hints.registerType(TypeReference.of(builder),
					(hint) -> hint
						.withMethod("name", TypeReference.listOf(String.class, long.class), ExecutableMode.INVOKE)
						.withMethod("factory", List.of(), ExecutableMode.INVOKE));
		}
	}

	/**
	 * GraalVM finds services by itself, unless that is switched off.
	 */
	private static void registerService(RuntimeHints hints, @Nullable ClassLoader classLoader, String service,
			String provider) {
		if (ClassUtils.isPresent(provider, classLoader)) {
			hints.reflection()
				.registerType(TypeReference.of(provider),
						(hint) -> hint.withConstructor(List.of(), ExecutableMode.INVOKE));
			hints.resources().registerPattern("META-INF/services/" + service);
		}
	}

}
