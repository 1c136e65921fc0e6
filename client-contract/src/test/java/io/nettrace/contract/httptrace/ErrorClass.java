package io.nettrace.contract.httptrace;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.handler.timeout.ReadTimeoutException;
import okhttp3.internal.http2.StreamResetException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.ConnectionRequestTimeoutException;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http2.H2StreamResetException;
import org.eclipse.jetty.client.HttpResponseException;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.PrematureCloseException;

/**
 * Maps the libraries' exceptions to the error classes of the recordings. The outermost
 * exception with a known class counts.
 */
final class ErrorClass {

	private static final Pattern MORE_THAN_NOTHING = Pattern.compile("not found: limit=[1-9]");

	private static final Set<Object> GONE = Set.of("reset", "eof");

	private ErrorClass() {
	}

	/**
	 * Whether two classes are equivalent: how the end of the peer shows depends on what
	 * it had read.
	 */
	static boolean isSame(@Nullable Object one, @Nullable Object other) {
		return Objects.equals(one, other)
				|| (one != null && other != null && GONE.contains(one) && GONE.contains(other));
	}

	/**
	 * The request's body has failed.
	 */
	static final class RequestBodyException extends IOException {

		private static final long serialVersionUID = 1L;

		RequestBodyException() {
			super("the request's body fails");
		}

	}

	/**
	 * Return the class of an error.
	 * @param error the error
	 * @param event the hook or mark that tells it
	 * @return the class, or the error's own text if it has none
	 */
	static String of(Throwable error, String event) {
		Throwable inner = error;
		for (int depth = 0; inner != null && depth < 10; depth++) {
			String result = ofThis(inner, event);
			if (result != null) {
				return result;
			}
			inner = (inner.getCause() != inner) ? inner.getCause() : null;
		}
		return error.toString();
	}

	private static @Nullable String ofThis(Throwable error, String event) {
		String message = String.valueOf(error.getMessage());
		if (error instanceof RequestBodyException) {
			return "request_body";
		}
		if (error instanceof CancellationException) {
			return event.equals("wroteRequest") ? "closed" : "canceled";
		}
		if (error instanceof UnknownHostException) {
			return message.endsWith(ScriptedNames.MISBEHAVING) ? "dns_server_misbehaving"
					: message.endsWith(ScriptedNames.NOT_FOUND) ? "dns_not_found" : null;
		}
		String tls = ofTls(error, message, event);
		return (tls != null) ? tls : ofTransport(error, message, event);
	}

	private static @Nullable String ofTls(Throwable error, String message, String event) {
		boolean inHandshake = event.equals("tlsHandshakeDone");
		if (error instanceof CertificateExpiredException) {
			return "tls_expired";
		}
		if (error instanceof CertPathValidatorException path) {
			return (path.getReason() == CertPathValidatorException.BasicReason.EXPIRED) ? "tls_expired" : null;
		}
		if (message.contains("unable to find valid certification path")) {
			return "tls_untrusted";
		}
		if (error instanceof SSLPeerUnverifiedException || (error instanceof CertificateException
				&& (message.startsWith("No subject alternative") || message.startsWith("No name matching")))) {
			return "tls_wrong_host";
		}
		if (error instanceof NotSslRecordException || message.startsWith("Unsupported or unrecognized SSL message")
				|| message.startsWith("Unrecognized SSL message")) {
			return "tls_not_tls";
		}
		if (error instanceof SslHandshakeTimeoutException
				|| (error instanceof org.apache.hc.client5.http.ConnectTimeoutException
						&& message.endsWith("Read timed out"))
				|| (inHandshake && (error instanceof SocketTimeoutException || error instanceof TimeoutException))) {
			return "tls_timeout";
		}
		if (error instanceof SSLException
				&& (message.contains("Received fatal alert") || message.contains("Received close_notify"))) {
			return "tls_alert";
		}
		return null;
	}

	private static @Nullable String ofTransport(Throwable error, String message, String event) {
		String words = message.toLowerCase(Locale.ROOT);
		if (error instanceof ConnectTimeoutException || error instanceof ConnectionRequestTimeoutException) {
			return "timeout";
		}
		if (error instanceof ConnectException && words.contains("refused")) {
			return "refused";
		}
		if (error instanceof ProxyConnectException && words.contains("status")) {
			return "proxy_status";
		}
		if (error instanceof ReadTimeoutException
				|| (event.equals("return") && error instanceof SocketTimeoutException && words.contains("read"))) {
			return "header_timeout";
		}
		if (error instanceof SocketTimeoutException || error instanceof TimeoutException) {
			return "timeout";
		}
		if (words.contains("connection reset") || words.contains("broken pipe")) {
			return "reset";
		}
		if (error instanceof StreamResetException || error instanceof H2StreamResetException
				|| words.contains("rst_stream") || words.contains("stream reset")) {
			return "h2_stream";
		}
		if (error instanceof SocketException && words.contains("socket closed")) {
			return "closed";
		}
		if (error instanceof EOFException && MORE_THAN_NOTHING.matcher(message).find()) {
			return "malformed_response"; // OkHttp's: part of a line
		}
		if (error instanceof NoHttpResponseException || error instanceof ConnectionClosedException
				|| error instanceof EOFException || words.contains("remote host terminated the handshake")
				|| words.contains("prematurely closed") || words.contains("abruptly closed by peer")
				|| error instanceof PrematureCloseException) {
			return "eof";
		}
		if (error instanceof ClosedChannelException) {
			return "closed";
		}
		if (error instanceof IllegalArgumentException && words.contains("header")) {
			return "invalid_request";
		}
		if (error instanceof HttpResponseException refused
				&& HttpMethod.CONNECT.is(refused.getResponse().getRequest().getMethod())
				&& refused.getResponse().getStatus() != HttpStatus.OK_200) {
			return "proxy_status";
		}
		if (words.startsWith("unexpected response code for connect")
				|| words.startsWith("failed to authenticate with proxy")) {
			return "proxy_status"; // OkHttp's words
		}
		if (error instanceof java.net.ProtocolException && words.equals("unexpected end of stream")) {
			return "eof";
		}
		if (error instanceof IllegalArgumentException || error instanceof ProtocolException
				|| error instanceof java.net.ProtocolException || error instanceof HttpResponseException
				|| error instanceof PrematureChannelClosureException) {
			return "malformed_response";
		}
		return null;
	}

}
