package io.nettrace.client.okhttp;

import io.nettrace.CloseInfo;
import io.nettrace.CloseInfo.Side;
import io.nettrace.CloseReason;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Whether OkHttp keeps a connection of HTTP/1.1 after an exchange.
 */
final class Persistence {

	private static final int SWITCHING_PROTOCOLS = 101;

	private static final int NO_CONTENT = 204;

	private static final int NOT_MODIFIED = 304;

	private Persistence() {
	}

	/**
	 * Return why the connection ends with an exchange whose response has been read.
	 * @param response the response's head
	 * @return why, {@code null} if the connection persists
	 */
	static @Nullable CloseInfo end(Response response) {
		if (isUpgrade(response)) {
			return CloseInfo.of(CloseReason.UNKNOWN); // what follows is not HTTP
		}
		if (saysClose(response.request().header("Connection"))) {
			return CloseInfo.notKept(Side.CLIENT);
		}
		return (saysClose(response.header("Connection")) || isEndOfResponse(response)) ? CloseInfo.notKept(Side.PEER)
				: null;
	}

	static boolean isUpgrade(Response response) {
		return response.code() == SWITCHING_PROTOCOLS;
	}

	private static boolean saysClose(@Nullable String connection) {
		return "close".equalsIgnoreCase(connection);
	}

	/**
	 * Whether the end of the connection is that of the response (RFC 9112, section 6.3).
	 */
	private static boolean isEndOfResponse(Response response) {
		return hasBody(response) && response.header("Content-Length") == null
				&& response.header("Transfer-Encoding") == null;
	}

	private static boolean hasBody(Response response) {
		return response.code() != NO_CONTENT && response.code() != NOT_MODIFIED
				&& !response.request().method().equals("HEAD");
	}

	/**
	 * Whether a response has been closed before its end. OkHttp takes that for the end.
	 * @param bytes how many of its body have been read
	 */
	static boolean isCut(Response response, long bytes) {
		String length = response.header("Content-Length");
		return length != null && hasBody(response) && !length.equals(Long.toString(bytes));
	}

}
