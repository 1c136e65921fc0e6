package io.nettrace.contract.httptrace;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.nettrace.NetTraceContext;
import org.jspecify.annotations.Nullable;

/**
 * One request under way. Its caller reports here what it sees.
 */
final class Call {

	private final Scenario.Request request;

	private final Recorder recorder;

	private final Pause pause;

	private final NetTraceContext context;

	// Guarded by this

	private @Nullable Runnable canceller;

	private @Nullable String givenUp;

	private boolean over;

	Call(Scenario.Request request, List<String> traces, Recorder recorder, Pause pause) {
		this.request = request;
		this.recorder = recorder;
		this.pause = pause;
		NetTraceContext context = NetTraceContext.empty();
		if (traces.isEmpty()) {
			context = context.withTrace(recorder.trace(request.by(), null));
		}
		for (String trace : traces) {
			context = context.withTrace(recorder.trace(request.by(), trace));
		}
		this.context = context;
	}

	Scenario.Request request() {
		return this.request;
	}

	NetTraceContext context() {
		return this.context;
	}

	/**
	 * The body to send, from its first byte.
	 */
	ScriptedBody body() {
		return new ScriptedBody(Objects.requireNonNull(this.request.body()), this.pause);
	}

	/**
	 * Set how the request is given up. If the time for that has passed, it is given up at
	 * once.
	 */
	void onCancel(Runnable canceller) {
		synchronized (this) {
			this.canceller = canceller;
			if (this.givenUp == null) {
				return;
			}
		}
		canceller.run();
	}

	/**
	 * The caller cancels.
	 */
	void cancel() {
		giveUp("canceled");
	}

	/**
	 * The caller's deadline has passed.
	 */
	void passDeadline() {
		giveUp("timeout");
	}

	private void giveUp(String reason) {
		Runnable canceller;
		synchronized (this) {
			if (this.over || this.givenUp != null) {
				return;
			}
			this.givenUp = reason;
			canceller = this.canceller;
			if (reason.equals("canceled")) {
				mark("cancel", Map.of(), null);
			}
		}
		if (canceller != null) {
			canceller.run();
		}
	}

	private void mark(String name, Map<String, Object> arguments, @Nullable Throwable error) {
		this.recorder.mark(name, this.request.by(), arguments, error);
	}

	void starts() {
		mark("call", Map.of(), null);
	}

	/**
	 * The head of the response is there.
	 * @param status the status code
	 * @param protocol the protocol, as Go names it
	 */
	void returned(int status, String protocol) {
		mark("return", Map.of("status", status, "protocol", protocol), null);
	}

	/**
	 * There is no response.
	 */
	void failed(Throwable error) {
		failed("return", error);
	}

	private void failed(String event, Throwable error) {
		String reason;
		synchronized (this) {
			reason = (this.givenUp != null) ? this.givenUp : this.recorder.errorClass(error, event);
			this.over |= event.equals("return");
		}
		mark(event, Map.of("error", reason), error);
	}

	void bodyEof() {
		mark("bodyEof", Map.of(), null);
	}

	void bodyFailed(Throwable error) {
		failed("bodyError", error);
	}

	void bodyClosed() {
		synchronized (this) {
			this.over = true;
		}
		mark("bodyClosed", Map.of(), null);
	}

	/**
	 * Read a body as the request wants it.
	 * @param body the body
	 * @param close closes a body that has perhaps not been read to its end
	 */
	void read(InputStream body, Closeable close) {
		try {
			switch (this.request.read()) {
				case ALL, ALL_LEAVE -> {
					body.transferTo(OutputStream.nullOutputStream());
					bodyEof();
				}
				case PART -> body.readNBytes(3);
				case CLOSE, LEAVE -> {
				}
			}
		}
		catch (IOException ex) {
			bodyFailed(ex);
		}
		if (!isLeft()) {
			close(close);
			bodyClosed();
		}
	}

	private static void close(Closeable body) {
		try {
			body.close();
		}
		catch (IOException ex) {
			// the body has reported the failure
		}
	}

	boolean isLeft() {
		return this.request.read() == Scenario.ReadMode.LEAVE || this.request.read() == Scenario.ReadMode.ALL_LEAVE;
	}

}
