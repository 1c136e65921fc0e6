package io.nettrace.autoconfigure;

import java.lang.reflect.Modifier;
import java.util.List;

import io.micrometer.context.ContextSnapshotFactory;
import io.micrometer.context.ThreadLocalAccessor;
import io.micrometer.tracing.otel.bridge.OtelSpan;
import io.nettrace.NetTraceContextAccessor;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.http.client.ReactorClientHttpRequestFactory;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
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
	void clientOfReactorNettyCanBeReplaced() throws NoSuchFieldException {
		registerHints(getClass().getClassLoader());
		for (Class<?> type : List.of(ReactorClientHttpRequestFactory.class, ReactorClientHttpConnector.class)) {
			assertThat(RuntimeHintsPredicates.reflection().onFieldAccess(type.getDeclaredField("httpClient")))
				.accepts(this.hints);
		}
		assertThat(RuntimeHintsPredicates.reflection()
			.onFieldAccess(TransportConfig.class.getDeclaredField("doOnChannelInit"))).accepts(this.hints);
	}

	@ParameterizedTest
	@ValueSource(classes = { OtelSpan.class, ContextSnapshotFactory.class, RestClientCustomizer.class,
			WebClientCustomizer.class })
	void typeThatMayBeAbsentCanBeFound(Class<?> type) {
		registerHints(getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection().onType(type)).accepts(this.hints);
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
		registerHints(new FilteredClassLoader("org.apache.hc", "reactor.netty", "io.micrometer",
				"org.springframework.boot", "io.nettrace.NetTraceContextAccessor"));
		assertThat(this.hints.reflection().typeHints()).extracting((hint) -> hint.getType().getName())
			.allSatisfy((type) -> assertThat(type).startsWith("java.lang.Thread"));
		assertThat(this.hints.resources().resourcePatternHints()).isEmpty();
	}

	private void registerHints(ClassLoader classLoader) {
		new NetTraceRuntimeHints().registerHints(this.hints, classLoader);
	}

}
