package io.nettrace.client.httpcomponents;

import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpMessage;
import org.apache.hc.core5.http.HttpVersion;

/**
 * Whether a connection of HTTP/1.1 persists after an exchange (RFC 9112, section 9.3).
 */
final class Persistence {

	private Persistence() {
	}

	/**
	 * Whether a message says that its sender closes the connection, or wants it closed.
	 */
	static boolean saysClose(HttpMessage message) {
		return says(message, "close");
	}

	/**
	 * Whether the head of a response says that the connection ends with it.
	 */
	static boolean isEndedBy(HttpMessage response) {
		return saysClose(response)
				|| (HttpVersion.HTTP_1_0.equals(response.getVersion()) && !says(response, "keep-alive"));
	}

	/**
	 * Whether the end of a response's body is that of the connection: it has no length
	 * (RFC 9112, section 6.3).
	 */
	static boolean isEndedBy(EntityDetails body) {
		return !body.isChunked() && body.getContentLength() < 0;
	}

	private static boolean says(HttpMessage message, String option) {
		Header connection = message.getFirstHeader(HttpHeaders.CONNECTION);
		String value = (connection != null) ? connection.getValue() : null;
		if (value == null) {
			return false;
		}
		int start = 0;
		for (int end = value.indexOf(','); end >= 0; end = value.indexOf(',', start)) {
			if (is(value, start, end, option)) {
				return true;
			}
			start = end + 1;
		}
		return is(value, start, value.length(), option);
	}

	private static boolean is(String value, int start, int end, String option) {
		while (start < end && value.charAt(start) == ' ') {
			start++;
		}
		return value.regionMatches(true, start, option, 0, option.length())
				&& value.substring(start + option.length(), end).isBlank();
	}

}
