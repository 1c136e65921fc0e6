package io.nettrace.client.jetty;

import java.lang.ref.WeakReference;
import java.util.Objects;

import io.nettrace.NetTrace;
import io.nettrace.TraceRecorder;
import io.nettrace.instrument.RequestTrace;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DialTraceTests {

	@Test
	void keepsTheTraceUntilAnAttemptHasConnected() {
		DialTrace dial = new DialTrace(new TraceRecorder(), null, new JettyRequest(RequestTrace.NONE, true, false));
		WeakReference<NetTrace> trace = new WeakReference<>(dial.current());
		WeakReference<Object> garbage = new WeakReference<>(new Object());
		collect(garbage);
		assertThat(trace.get()).isNotNull();
		dial.connected();
		collect(trace);
		assertThat(dial.current()).isSameAs(NetTrace.NONE);
	}

	@Test
	void lendsTheTraceOfTheRequestAfterwards() {
		NetTrace ofRequest = new TraceRecorder();
		DialTrace dial = new DialTrace(ofRequest, null, new JettyRequest(RequestTrace.NONE, true, false));
		dial.connected();
		assertThat(dial.current()).isSameAs(ofRequest);
	}

	private static void collect(WeakReference<?> reference) {
		for (int i = 0; i < 1000 && reference.get() != null; i++) {
			System.gc();
		}
		assertThat(Objects.toString(reference.get())).isEqualTo("null");
	}

}
