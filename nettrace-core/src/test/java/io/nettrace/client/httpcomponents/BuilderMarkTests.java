package io.nettrace.client.httpcomponents;

import java.lang.reflect.Field;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.function.Resolver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class BuilderMarkTests {

	/**
	 * Whatever a release of the library has: the fields are those of the class.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void copiesEverySetting(boolean setBeforeTheMark) throws Exception {
		copiesEverySetting(PoolingHttpClientConnectionManagerBuilder.create(),
				PoolingHttpClientConnectionManagerBuilder.create(), PoolingHttpClientConnectionManagerBuilder.class,
				setBeforeTheMark);
		copiesEverySetting(PoolingAsyncClientConnectionManagerBuilder.create(),
				PoolingAsyncClientConnectionManagerBuilder.create(), PoolingAsyncClientConnectionManagerBuilder.class,
				setBeforeTheMark);
	}

	private static <B> void copiesEverySetting(B builder, B twin, Class<B> type, boolean setBeforeTheMark)
			throws Exception {
		Map<Field, Object> settings = new LinkedHashMap<>();
		for (Field field : PrivateFields.all(type)) {
			settings.put(field, other(field, field.get(builder)));
		}
		if (setBeforeTheMark) {
			set(builder, settings);
			BuilderMark.put(builder, type);
		}
		else {
			BuilderMark.put(builder, type);
			set(builder, settings);
		}
		BuilderMark.copySettings(builder, twin, type);
		Map<Field, Object> copied = new LinkedHashMap<>();
		for (Field field : settings.keySet()) {
			copied.put(field, field.get(twin));
		}
		assertThat(copied).hasSizeGreaterThan(8).isEqualTo(settings);
	}

	private static void set(Object builder, Map<Field, Object> settings) throws IllegalAccessException {
		for (Map.Entry<Field, Object> setting : settings.entrySet()) {
			setting.getKey().set(builder, setting.getValue());
		}
	}

	private static Object other(Field field, Object value) {
		Class<?> type = field.getType();
		if (type == boolean.class) {
			return !(boolean) value;
		}
		if (type == int.class) {
			return 7;
		}
		return type.isEnum() ? type.getEnumConstants()[1] : Mockito.mock(type);
	}

	@Test
	void leadsFromTheManagerToItsBuilder() throws Exception {
		PoolingHttpClientConnectionManagerBuilder builder = PoolingHttpClientConnectionManagerBuilder.create();
		BuilderMark.put(builder, PoolingHttpClientConnectionManagerBuilder.class);
		BuilderMark.put(builder, PoolingHttpClientConnectionManagerBuilder.class);
		assertThat(builderOf(builder.build())).isSameAs(builder);
		builder.setDefaultConnectionConfig(ConnectionConfig.DEFAULT).setSocketConfigResolver((route) -> null);
		assertThat(builderOf(builder.build())).isSameAs(builder);
		assertThat(builderOf(PoolingHttpClientConnectionManagerBuilder.create().build())).isNull();
	}

	private static @Nullable Object builderOf(PoolingHttpClientConnectionManager manager)
			throws IllegalAccessException {
		return BuilderMark.builderOf(manager, PoolingHttpClientConnectionManager.class,
				PoolingHttpClientConnectionManagerBuilder.class);
	}

	@Test
	void leadsFromTheAsyncManagerToItsBuilder() throws Exception {
		PoolingAsyncClientConnectionManagerBuilder builder = PoolingAsyncClientConnectionManagerBuilder.create();
		BuilderMark.put(builder, PoolingAsyncClientConnectionManagerBuilder.class);
		builder.setDefaultConnectionConfig(ConnectionConfig.DEFAULT);
		assertThat(BuilderMark.builderOf(builder.build(), PoolingAsyncClientConnectionManager.class,
				PoolingAsyncClientConnectionManagerBuilder.class))
			.isSameAs(builder);
		assertThat(BuilderMark.builderOf("another manager", PoolingAsyncClientConnectionManager.class,
				PoolingAsyncClientConnectionManagerBuilder.class))
			.isNull();
	}

	@Test
	void markedResolverAnswersAsTheOneThatWasSet() throws Exception {
		Holder holder = new Holder();
		BuilderMark.put(holder, Holder.class);
		assertThat(holder.set.resolve("key")).isEqualTo("value of key");
		assertThat(Objects.requireNonNull(holder.unset).resolve("key")).isNull();
	}

	@Test
	void saysThatABuilderHasNoPlaceForAMark() {
		assertThatExceptionOfType(NoSuchFieldException.class)
			.isThrownBy(() -> BuilderMark.put("builder", String.class));
	}

	private static final class Holder {

		Resolver<String, String> set = (key) -> "value of " + key;

		@Nullable Resolver<String, String> unset;

	}

}
