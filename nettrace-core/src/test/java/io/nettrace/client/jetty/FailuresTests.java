package io.nettrace.client.jetty;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

import io.nettrace.CloseReason;
import io.nettrace.WaitInfo.Outcome;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.io.EofException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FailuresTests {

	@Test
	void reasonOfAClosedConnection() {
		assertThat(Failures.closeReason(new TimeoutException())).isEqualTo(CloseReason.TIMED_OUT);
		assertThat(Failures.closeReason(new CancellationException())).isEqualTo(CloseReason.CANCELLED);
		assertThat(Failures.closeReason(new InterruptedException())).isEqualTo(CloseReason.CANCELLED);
		assertThat(Failures.closeReason(new EOFException())).isEqualTo(CloseReason.PEER);
		assertThat(Failures.closeReason(new EofException(new IOException("Connection reset by peer"))))
			.isEqualTo(CloseReason.RESET);
		assertThat(Failures.closeReason(new EofException(new IOException("Broken pipe")))).isEqualTo(CloseReason.RESET);
		assertThat(Failures.closeReason(new IllegalStateException("Connection reset"))).isEqualTo(CloseReason.UNKNOWN);
		assertThat(Failures.closeReason(new AsynchronousCloseException())).isEqualTo(CloseReason.UNKNOWN);
	}

	@Test
	void outcomeOfAWait() {
		assertThat(Failures.outcome(new TimeoutException())).isEqualTo(Outcome.TIMED_OUT);
		assertThat(Failures.outcome(new CancellationException())).isEqualTo(Outcome.CANCELLED);
		assertThat(Failures.outcome(new InterruptedException())).isEqualTo(Outcome.CANCELLED);
		assertThat(Failures.outcome(new IOException())).isEqualTo(Outcome.FAILED);
	}

	@Test
	void whatAnApplicationAbortsWithIsACancellation() {
		Request request = new HttpClient().newRequest("http://localhost");
		Throwable failure = new IllegalStateException("not any more");
		assertThat(Failures.of(request, failure)).isSameAs(failure);
		assertThat(request.abort(failure)).isNotNull();
		assertThat(Failures.of(request, failure)).isInstanceOf(CancellationException.class).hasCause(failure);
		assertThat(Failures.of(request, new IllegalStateException())).isInstanceOf(IllegalStateException.class);
	}

	@Test
	void whatJettyAbortsWithIsNot() {
		for (Throwable failure : new Throwable[] { new IOException(), new TimeoutException(),
				new InterruptedException() }) {
			Request request = new HttpClient().newRequest("http://localhost");
			assertThat(request.abort(failure)).isNotNull();
			assertThat(Failures.of(request, failure)).isSameAs(failure);
		}
	}

}
