package io.nettrace.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

import io.micrometer.context.ThreadLocalAccessor;
import io.nettrace.NetTraceContextAccessor;
import io.nettrace.client.jdbc.PostgresqlConnectExecutor;
import io.nettrace.client.jdbc.PostgresqlSocketFactory;
import io.nettrace.client.jdbc.PostgresqlSslFactory;
import io.nettrace.instrument.OptionalType;
import io.nettrace.observation.recent.RecentRequest;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.TypeReference;
import org.springframework.aot.hint.annotation.ReflectiveRuntimeHintsRegistrar;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.http.client.ReactorClientHttpRequestFactory;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.socket.client.ReactorNettyWebSocketClient;
import reactor.netty.transport.TransportConfig;

import static org.assertj.core.api.Assertions.assertThat;

class NetTraceRuntimeHintsTests {

	private final RuntimeHints hints = new RuntimeHints();

	@ParameterizedTest
	@ValueSource(classes = { PoolingHttpClientConnectionManagerBuilder.class, PoolingHttpClientConnectionManager.class,
			HttpClientBuilder.class, PoolingAsyncClientConnectionManagerBuilder.class,
			PoolingAsyncClientConnectionManager.class, HttpAsyncClientBuilder.class })
	void everySettingOfHttpComponentsCanBeReadAndCopied(Class<?> type) {
		registerHints(getClass().getClassLoader());
		assertThat(type.getDeclaredFields()).filteredOn((field) -> !Modifier.isStatic(field.getModifiers()))
			.isNotEmpty()
			.allSatisfy((field) -> assertThat(RuntimeHintsPredicates.reflection().onFieldAccess(field))
				.accepts(this.hints));
	}

	@Test
	void lastRequestsCanBeWrittenAsJson() throws NoSuchMethodException {
		new ReflectiveRuntimeHintsRegistrar().registerRuntimeHints(this.hints, RecentRequestsConfiguration.class);
		for (Class<?> type : List.of(RecentRequest.class, RecentRequest.Connection.class, RecentRequest.Opener.class,
				RecentRequest.Step.class, RecentRequest.Failure.class)) {
			for (RecordComponent component : type.getRecordComponents()) {
				assertThat(RuntimeHintsPredicates.reflection()
					.onMethodInvocation(type.getDeclaredMethod(component.getName()))).accepts(this.hints);
			}
		}
	}

	@Test
	void clientOfReactorNettyCanBeReplaced() throws ReflectiveOperationException {
		registerHints(getClass().getClassLoader());
		for (Class<?> type : List.of(ReactorClientHttpRequestFactory.class, ReactorClientHttpConnector.class,
				ReactorNettyWebSocketClient.class)) {
			assertThat(RuntimeHintsPredicates.reflection().onFieldAccess(type.getDeclaredField("httpClient")))
				.accepts(this.hints);
		}
		assertThat(RuntimeHintsPredicates.reflection()
			.onFieldAccess(TransportConfig.class.getDeclaredField("doOnChannelInit"))).accepts(this.hints);
		assertThat(RuntimeHintsPredicates.reflection()
			.onFieldAccess("reactor.netty.http.client.HttpClientConnect$MonoHttpConnect", "config"))
			.accepts(this.hints);
		for (String setting : List.of("pendingAcquireTimer", "pendingAcquireTimeout", "maxIdleTime", "maxLifeTime")) {
			assertThat(RuntimeHintsPredicates.reflection()
				.onFieldAccess("reactor.netty.resources.ConnectionProvider$ConnectionPoolSpec", setting))
				.accepts(this.hints);
		}
		assertThat(RuntimeHintsPredicates.reflection()
			.onFieldAccess("reactor.netty.resources.ConnectionProvider$Builder", "confPerRemoteHost"))
			.accepts(this.hints);
		for (String setting : List.of("dnsQueryLifecycleObserverFactory", "dnsServerAddressStreamProvider")) {
			assertThat(RuntimeHintsPredicates.reflection()
				.onFieldAccess("io.netty.resolver.dns.DnsNameResolverBuilder", setting)).accepts(this.hints);
		}
		assertThat(RuntimeHintsPredicates.reflection()
			.onFieldAccess("io.netty.resolver.dns.DnsAddressResolverGroup", "dnsResolverBuilder")).accepts(this.hints);
		assertThat(RuntimeHintsPredicates.reflection()
			.onFieldAccess("reactor.netty.transport.ClientTransportConfig", "proxyProviderSupplier"))
			.accepts(this.hints);
	}

	@Test
	void finishedConnectionManagersAndEndpointsOfCamelCanBeRead() throws ReflectiveOperationException {
		registerHints(getClass().getClassLoader());
		for (String field : List.of("detachedSocketFactory", "tlsSocketStrategyLookup", "schemePortResolver",
				"dnsResolver")) {
			assertThat(RuntimeHintsPredicates.reflection()
				.onFieldAccess(DefaultHttpClientConnectionOperator.class.getName(), field)).accepts(this.hints);
		}
		assertThat(RuntimeHintsPredicates.reflection()
			.onFieldAccess("org.apache.camel.component.http.HttpEndpoint", CamelEndpoints.CLIENT_FIELD))
			.accepts(this.hints);
	}

	@Test
	void customizerOfLettuceCanBeRead() throws ReflectiveOperationException {
		registerHints(getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection()
			.onFieldAccess("io.lettuce.core.resource.DefaultClientResources$Builder", LettuceCustomizer.FIELD))
			.accepts(this.hints);
	}

	@ParameterizedTest
	@ValueSource(strings = { "com.mongodb.client.internal.MongoClientImpl",
			"com.mongodb.reactivestreams.client.internal.MongoClientImpl" })
	void settingsOfMongoClientsCanBeAskedFor(String client) throws ReflectiveOperationException {
		registerHints(getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection()
			.onMethodInvocation(Class.forName(client).getMethod(MongoPostProcessor.SETTINGS))).accepts(this.hints);
	}

	@ParameterizedTest
	@ValueSource(
			classes = { PostgresqlSocketFactory.class, PostgresqlSslFactory.class, PostgresqlConnectExecutor.class })
	void postgresqlsDriverCanMakeItsFactories(Class<?> factory) throws NoSuchMethodException {
		registerHints(getClass().getClassLoader());
		assertThat(
				RuntimeHintsPredicates.reflection().onConstructorInvocation(factory.getConstructor(Properties.class)))
			.accepts(this.hints);
	}

	@ParameterizedTest
	@MethodSource
	void typeThatMayBeAbsentCanBeFound(String type) {
		registerHints(getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection().onType(TypeReference.of(type))).accepts(this.hints);
	}

	/**
	 * But for the agent, which is on no class path.
	 */
	static Stream<String> typeThatMayBeAbsentCanBeFound() {
		return Stream
			.of(Stream.of(OptionalType.values())
				.filter((type) -> type != OptionalType.OPENTELEMETRY_AGENT)
				.map(OptionalType::className),
					Stream.of(Caller.values()).flatMap((caller) -> caller.typeNames().stream()),
					Stream.of(SpringClient.values()).map(SpringClient::typeName))
			.flatMap((types) -> types);
	}

	/**
	 * No source asks for another type by name, so that none lacks a hint.
	 */
	@Test
	void typesAreAskedForInOnePlace() throws IOException {
		for (Path sources : List.of(Path.of("../nettrace-core/src/main/java"), Path.of("src/main/java"))) {
			try (Stream<Path> files = Files.walk(sources)) {
				assertThat(files.filter((file) -> file.toString().endsWith(".java"))
					.filter(NetTraceRuntimeHintsTests::asks)).extracting((file) -> file.getFileName().toString())
					.isSubsetOf("OptionalType.java", "Caller.java", "SpringClient.java", "NetTraceRuntimeHints.java",
							"JdkNetTraceAutoConfiguration.java", "Threads.java", "AddressFilters.java",
							"RequestSettings.java", "PoolSettings.java");
			}
		}
	}

	private static boolean asks(Path file) {
		try {
			String source = Files.readString(file);
			return source.contains("Class.forName(") || source.contains("ClassUtils.isPresent(");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void virtualThreadsCanBeMade() throws ReflectiveOperationException {
		registerHints(getClass().getClassLoader());
		Class<?> builder = Class.forName("java.lang.Thread$Builder");
		assertThat(List.of(Thread.class.getMethod("ofVirtual"), builder.getMethod("name", String.class, long.class),
				builder.getMethod("factory")))
			.allSatisfy((method) -> assertThat(RuntimeHintsPredicates.reflection().onMethodInvocation(method))
				.accepts(this.hints));
	}

	@Test
	void threadLocalAccessorCanBeLoaded() throws ReflectiveOperationException {
		registerHints(getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection()
			.onConstructorInvocation(NetTraceContextAccessor.class.getConstructor())).accepts(this.hints);
		assertThat(RuntimeHintsPredicates.resource()
			.forResource("META-INF/services/" + ThreadLocalAccessor.class.getName())).accepts(this.hints);
	}

	@Test
	void absentLibrariesAreLeftOut() {
		registerHints(new FilteredClassLoader("org.springframework.http", "org.apache.hc", "org.eclipse.jetty",
				"reactor.netty", "io.netty", "io.micrometer", "org.springframework.boot", "io.lettuce",
				"org.postgresql", "com.mongodb", "org.apache.camel", "io.nettrace.NetTraceContextAccessor"));
		assertThat(this.hints.reflection().typeHints()).extracting((hint) -> hint.getType().getName())
			.allSatisfy((type) -> assertThat(type).startsWith("java.lang.Thread"));
		assertThat(this.hints.resources().resourcePatternHints()).isEmpty();
	}

	private void registerHints(ClassLoader classLoader) {
		new NetTraceRuntimeHints().registerHints(this.hints, classLoader);
	}

}
