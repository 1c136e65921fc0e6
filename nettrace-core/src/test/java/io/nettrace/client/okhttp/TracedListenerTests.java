package io.nettrace.client.okhttp;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.UnknownHostException;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

import io.nettrace.client.RecordedHooks;
import io.nettrace.instrument.ClientLookup;
import io.nettrace.instrument.NetTracing;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mockito.Answers;
import org.mockito.Mockito;
import org.mockito.invocation.Invocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The application's listener hears every event of OkHttp's, those of a later release too.
 */
class TracedListenerTests {

	private final RecordedHooks hooks = new RecordedHooks();

	private final Call call = new OkHttpClient().newCall(new Request.Builder().url("http://localhost/").build());

	private static List<Method> events() {
		return Stream.of(EventListener.class.getDeclaredMethods())
			.filter((method) -> Modifier.isPublic(method.getModifiers()))
			.filter((method) -> !Modifier.isStatic(method.getModifiers()) && !Modifier.isFinal(method.getModifiers()))
			.toList();
	}

	@ParameterizedTest
	@MethodSource("events")
	void hearsAnEventOnce(Method event) throws ReflectiveOperationException {
		EventListener application = Mockito.mock(EventListener.class);
		Object[] arguments = arguments(event);
		event.invoke(traced(application), arguments);
		assertThat(Mockito.mockingDetails(application).getInvocations()).map(Invocation::getMethod)
			.containsExactly(event);
		assertThat(Mockito.mockingDetails(application).getInvocations()).map(Invocation::getRawArguments)
			.containsExactly(arguments);
	}

	@ParameterizedTest
	@MethodSource("events")
	void throwsWhatTheApplicationThrows(Method event) {
		IllegalStateException thrown = new IllegalStateException("the application's");
		EventListener application = Mockito.mock(EventListener.class, (invocation) -> {
			throw thrown;
		});
		assertThatExceptionOfType(InvocationTargetException.class)
			.isThrownBy(() -> event.invoke(traced(application), arguments(event)))
			.satisfies((failure) -> assertThat(failure.getCause()).isSameAs(thrown));
		assertThat(this.hooks.names()).noneMatch((name) -> name.endsWith("Start"));
	}

	private static List<BiConsumer<EventListener, Call>> endsOfALookup() {
		UnknownHostException unknown = new UnknownHostException("a.test");
		return List.of((listener, call) -> listener.dnsEnd(call, "a.test", List.of()),
				(listener, call) -> listener.retryDecision(call, unknown, true),
				(listener, call) -> listener.callFailed(call, unknown), EventListener::callEnd);
	}

	/**
	 * OkHttp tells the end of a lookup only if it has an answer.
	 */
	@ParameterizedTest
	@MethodSource("endsOfALookup")
	void threadIsInNoLookupAfterItsEnd(BiConsumer<EventListener, Call> end) {
		EventListener traced = traced(EventListener.NONE);
		traced.callStart(this.call);
		traced.dnsStart(this.call, "a.test");
		assertThat(ClientLookup.isUnderWay()).isTrue();
		end.accept(traced, this.call);
		assertThat(ClientLookup.isUnderWay()).isFalse();
	}

	@AfterEach
	void endLookup() {
		ClientLookup.end();
	}

	private EventListener traced(EventListener application) {
		NetTracing tracing = new NetTracing((request) -> this.hooks.trace());
		EventListener.Factory factory = new TracedListenerFactory((call) -> application, tracing,
				new OkHttpConnections(tracing));
		return factory.create(this.call);
	}

	private @Nullable Object[] arguments(Method event) {
		return Stream.of(event.getParameterTypes()).map(this::argument).toArray();
	}

	private @Nullable Object argument(Class<?> type) {
		if (type == Call.class) {
			return this.call;
		}
		if (type == boolean.class) {
			return false;
		}
		if (type == long.class) {
			return 7L;
		}
		if (type == String.class) {
			return "localhost";
		}
		return type.isEnum() ? type.getEnumConstants()[0] : Mockito.mock(type, Answers.RETURNS_DEEP_STUBS);
	}

}
