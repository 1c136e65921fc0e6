package io.nettrace.client.jetty;

import io.nettrace.CloseInfo;
import io.nettrace.CloseInfo.Side;
import io.nettrace.CloseReason;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Whether a connection of HTTP/1.1 persists after an exchange (RFC 9112, section 9.3).
 */
final class Persistence {

	private Persistence() {
	}

	/**
	 * Return why the connection ends with an exchange whose response has been read.
	 * @param exchange the exchange
	 * @return why, {@code null} if the connection persists
	 */
	static @Nullable CloseInfo end(HttpExchange exchange) {
		if (exchange.getResponse().getStatus() == HttpStatus.SWITCHING_PROTOCOLS_101) {
			return CloseInfo.of(CloseReason.UNKNOWN); // what follows is not HTTP
		}
		if (saysClose(exchange.getRequest().getHeaders())) {
			return CloseInfo.notKept(Side.CLIENT);
		}
		return endsConnection(exchange) ? CloseInfo.notKept(Side.PEER) : null;
	}

	private static boolean endsConnection(HttpExchange exchange) {
		Response response = exchange.getResponse();
		HttpFields headers = response.getHeaders();
		HttpVersion version = response.getVersion();
		boolean isOlder = version != null && version.compareTo(HttpVersion.HTTP_1_1) < 0;
		return saysClose(headers) || (isOlder && !says(headers, HttpHeaderValue.KEEP_ALIVE))
				|| isEndOfResponse(exchange, response.getStatus(), headers);
	}

	/**
	 * Whether the end of the connection is that of the response (RFC 9112, section 6.3).
	 * What has been decoded has no length while it is read.
	 */
	private static boolean isEndOfResponse(HttpExchange exchange, int status, HttpFields headers) {
		return status != HttpStatus.NO_CONTENT_204 && status != HttpStatus.NOT_MODIFIED_304
				&& !HttpMethod.HEAD.is(exchange.getRequest().getMethod())
				&& !headers.contains(HttpHeader.CONTENT_LENGTH) && !headers.contains(HttpHeader.TRANSFER_ENCODING);
	}

	private static boolean saysClose(HttpFields headers) {
		return says(headers, HttpHeaderValue.CLOSE);
	}

	private static boolean says(HttpFields headers, HttpHeaderValue option) {
		return headers.contains(HttpHeader.CONNECTION, option.asString());
	}

}
