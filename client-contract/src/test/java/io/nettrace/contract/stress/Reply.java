package io.nettrace.contract.stress;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import io.nettrace.contract.stress.Wire.Head;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a response.
 */
final class Reply {

	private static final int CHUNK = 700;

	private final FaultyServer server;

	private final @Nullable TrackedRequest request;

	private final int id;

	private final int redirects;

	private final Answer answer;

	private byte[] head = {};

	private byte[] body = {};

	private boolean endsByClose;

	Reply(FaultyServer server, @Nullable TrackedRequest request, int id, int redirects, Answer answer) {
		this.server = server;
		this.request = request;
		this.id = id;
		this.redirects = redirects;
		this.answer = answer;
	}

	Reply prepare(Head question, boolean kept) {
		int status = this.answer.status(this.redirects);
		StringBuilder text = new StringBuilder("HTTP/1.1 ").append(status).append(" Stress\r\n");
		if (status == 307) {
			text.append("Location: ").append(location()).append("\r\n");
		}
		if (status == 503 || status == 429) {
			text.append("Retry-After: 0\r\n");
		}
		boolean hasBody = status != 204;
		boolean isRead = hasBody && !question.method().equals("HEAD");
		int length = hasBody ? this.answer.length() : 0;
		Answer.Framing framing = this.answer.framing();
		this.endsByClose = isRead && framing == Answer.Framing.UNTIL_CLOSE;
		if (hasBody && framing == Answer.Framing.LENGTH) {
			text.append("Content-Length: ").append(length).append("\r\n");
		}
		if (hasBody && framing == Answer.Framing.CHUNKED) {
			text.append("Transfer-Encoding: chunked\r\n");
		}
		if (!kept || this.endsByClose) {
			text.append("Connection: close\r\n");
		}
		this.head = text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
		this.body = isRead ? body(framing, length) : new byte[0];
		if (this.request != null) {
			this.request.answered(new Outcome(status, isRead ? length : 0));
		}
		return this;
	}

	private String location() {
		boolean same = this.answer.kind() == Answer.Kind.REDIRECT_SAME_HOST;
		String host = Names.common()[this.id % 5];
		if (same) {
			return "/" + this.id + "/" + (this.redirects + 1);
		}
		if (this.request != null) {
			this.request.redirected(host);
		}
		return this.server.url(this.id % 5 == 0, host, this.id, this.redirects + 1);
	}

	private static byte[] body(Answer.Framing framing, int length) {
		byte[] bytes = new byte[length];
		Arrays.fill(bytes, (byte) 'x');
		if (framing != Answer.Framing.CHUNKED) {
			return bytes;
		}
		ByteArrayOutputStream chunks = new ByteArrayOutputStream(length + 100);
		for (int from = 0; from < length; from += CHUNK) {
			int size = Math.min(CHUNK, length - from);
			chunks.writeBytes((Integer.toHexString(size) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
			chunks.write(bytes, from, size);
			chunks.writeBytes("\r\n".getBytes(StandardCharsets.ISO_8859_1));
		}
		chunks.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
		return chunks.toByteArray();
	}

	/**
	 * The status of interim responses. Reactor Netty takes 103 for the final one.
	 */
	int interim() {
		return (this.request != null && this.request.takesEarlyHints()) ? 103 : 100;
	}

	/**
	 * Whether the client ends a request that is answered before its body is written.
	 */
	boolean mayBeEarly() {
		return this.answer.status(this.redirects) != 307 || this.request == null
				|| this.request.endsIfRedirectedEarly();
	}

	byte[] head() {
		return this.head;
	}

	byte[] body() {
		return this.body;
	}

	/**
	 * Whether only the end of the connection ends the body.
	 */
	boolean endsByClose() {
		return this.endsByClose;
	}

}
