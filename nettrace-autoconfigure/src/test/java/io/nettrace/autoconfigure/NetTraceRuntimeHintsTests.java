package io.nettrace.autoconfigure;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;

import io.micrometer.tracing.otel.bridge.OtelSpan;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.junit.jupiter.api.Test;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.test.context.FilteredClassLoader;

import static org.assertj.core.api.Assertions.assertThat;

class NetTraceRuntimeHintsTests {

	private final RuntimeHints hints = new RuntimeHints();

	@Test
	void everySettingOfTheConnectionManagerBuilderCanBeCopied() {
		registerHints(getClass().getClassLoader());
		for (Field field : PoolingHttpClientConnectionManagerBuilder.class.getDeclaredFields()) {
			if (!Modifier.isStatic(field.getModifiers())) {
				assertThat(RuntimeHintsPredicates.reflection().onFieldAccess(field)).as(field.getName())
					.accepts(this.hints);
			}
		}
	}

	@Test
	void connectionFactoryOfAManagerCanBeRead() throws NoSuchFieldException {
		registerHints(getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection()
			.onFieldAccess(PoolingHttpClientConnectionManager.class.getDeclaredField("connFactory")))
			.accepts(this.hints);
	}

	@Test
	void resolverOfAnAsyncConnectionManagerBuilderCanBeRead() throws NoSuchFieldException {
		registerHints(getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection()
			.onFieldAccess(PoolingAsyncClientConnectionManagerBuilder.class.getDeclaredField("dnsResolver")))
			.accepts(this.hints);
	}

	@Test
	void openTelemetryCanBeFound() {
		registerHints(getClass().getClassLoader());
		assertThat(RuntimeHintsPredicates.reflection().onType(OtelSpan.class)).accepts(this.hints);
	}

	@Test
	void absentLibrariesAreLeftOut() {
		registerHints(new FilteredClassLoader("org.apache.hc", "io.micrometer.tracing.otel"));
		assertThat(this.hints.reflection().typeHints()).isEmpty();
	}

	private void registerHints(ClassLoader classLoader) {
		new NetTraceRuntimeHints().registerHints(this.hints, classLoader);
	}

}
