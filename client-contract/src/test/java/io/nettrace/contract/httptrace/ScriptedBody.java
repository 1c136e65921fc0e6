package io.nettrace.contract.httptrace;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The body of a request: it may pause in the middle, and may fail.
 */
final class ScriptedBody extends InputStream {

	private final Scenario.Body script;

	private final Pause pause;

	private int position;

	private boolean paused;

	ScriptedBody(Scenario.Body script, Pause pause) {
		this.script = script;
		this.pause = pause;
	}

	@Override
	public int read() throws IOException {
		byte[] one = new byte[1];
		return (read(one, 0, 1) < 0) ? -1 : one[0];
	}

	@Override
	public int read(byte[] buffer, int offset, int length) throws IOException {
		this.pause.millis(takePause());
		int end = (this.position < half()) ? half() : this.script.bytes();
		Integer failsAfter = this.script.failsAfterBytes();
		if (failsAfter != null) {
			end = Math.min(end, failsAfter);
			if (this.position >= failsAfter) {
				throw new ErrorClass.RequestBodyException();
			}
		}
		if (this.position >= end) {
			return -1;
		}
		int count = Math.min(length, end - this.position);
		Arrays.fill(buffer, offset, offset + count, (byte) 'x');
		this.position += count;
		return count;
	}

	/**
	 * Return how long to wait before the next byte, for a reader that must not block.
	 * @return milliseconds, 0 when asked again
	 */
	int takePause() {
		if (this.paused || this.script.pauseMsBeforeSecondHalf() == 0 || this.position < half()) {
			return 0;
		}
		this.paused = true;
		return this.script.pauseMsBeforeSecondHalf();
	}

	private int half() {
		return (this.script.pauseMsBeforeSecondHalf() > 0) ? this.script.bytes() / 2 : 0;
	}

}
