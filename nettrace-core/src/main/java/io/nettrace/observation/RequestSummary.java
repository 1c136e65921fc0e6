package io.nettrace.observation;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * A request in words: what it was, how it ended and which phase to look at. Of the URL it
 * has the path of the template, and nothing that may be secret.
 *
 * @param method the HTTP method, {@code null} if the observation does not say
 * @param uri the path of the URI template, {@code null} if the observation does not say
 * @param status the status code, {@code null} without a response
 * @param error as in {@code error.type}, {@code null} if nothing has failed
 * @param verdict the phase in which the request failed, or else the one that took longest
 * @param words the verdict as a sentence
 */
public record RequestSummary(@Nullable String method, @Nullable String uri, @Nullable String status,
		@Nullable String error, Phase verdict, String words) {

	private static final double MILLIS = TimeUnit.MILLISECONDS.toNanos(1);

	private static final double SECONDS = TimeUnit.SECONDS.toNanos(1);

	/**
	 * From here on it would be 1000.0 ms.
	 */
	private static final double LESS_THAN_A_SECOND = 999.95 * MILLIS;

	/**
	 * Sum up a request that is over.
	 * @param request the context of its observation
	 * @param record where its time went
	 * @return the summary
	 */
	public static RequestSummary of(Observation.Context request, RequestRecord record) {
		Throwable error = request.getError();
		Phase failedIn = record.failedIn(error != null);
		RequestRecord.Failure failure = last(record.failures(), failedIn);
		String errorType = (error != null) ? ErrorType.of(error) : (failure != null) ? failure.errorType() : null;
		Phase verdict = record.verdict(error != null);
		String words = (failedIn != null) ? failed(failedIn, failure, errorType) : tookLongest(verdict, record);
		return new RequestSummary(value(request, "method"), path(value(request, "uri")), status(request), errorType,
				verdict, words);
	}

	private static RequestRecord.@Nullable Failure last(List<RequestRecord.Failure> failures, @Nullable Phase phase) {
		RequestRecord.Failure last = null;
		for (RequestRecord.Failure failure : failures) {
			if (failure.phase() == phase) {
				last = failure;
			}
		}
		return last;
	}

	private static @Nullable String status(Observation.Context request) {
		String status = value(request, "status");
		return (status != null && status.length() == 3 && Character.isDigit(status.charAt(0))) ? status : null;
	}

	private static @Nullable String value(Observation.Context request, String key) {
		KeyValue keyValue = request.getLowCardinalityKeyValue(key);
		return (keyValue != null) ? keyValue.getValue() : null;
	}

	/**
	 * A template may be a whole URL, with a password and a query.
	 */
	static @Nullable String path(@Nullable String uri) {
		if (uri == null) {
			return null;
		}
		String path = uri.split("[?#]", 2)[0];
		int scheme = path.indexOf("://");
		if (scheme < 0) {
			return path;
		}
		int slash = path.indexOf('/', scheme + "://".length());
		return (slash >= 0) ? path.substring(slash) : "/";
	}

	private static String failed(Phase phase, RequestRecord.@Nullable Failure failure, @Nullable String errorType) {
		String type = (failure != null) ? failure.errorType() : errorType;
		String detail = (failure != null && failure.detail() != null) ? " (" + failure.detail() + ")" : "";
		return "Failed " + switch (phase) {
			case QUEUE -> "while waiting for a connection";
			case DNS -> "in the DNS lookup";
			case CONNECT -> "while connecting";
			case PROXY -> "while the proxy connected";
			case TLS -> "in the TLS handshake";
			case SEND -> "while sending the request";
			case WAIT -> "while waiting for the first byte";
			case RECEIVE -> "while reading the response";
			case OTHER -> "between the phases";
		} + ((type != null) ? ": " + type : "") + detail;
	}

	private static String tookLongest(Phase verdict, RequestRecord record) {
		long other = record.nanos(Phase.OTHER);
		if (other > record.nanos(verdict) || verdict == Phase.OTHER) {
			return "No phase stands out: " + time(other) + " of " + time(record.total())
					+ " went to the library and the application";
		}
		return switch (verdict) {
			case QUEUE -> "Waiting for a connection";
			case DNS -> "The DNS lookup";
			case CONNECT -> "Connecting";
			case PROXY -> "The connect of the proxy";
			case TLS -> "The TLS handshake";
			case SEND -> "Sending the request";
			case WAIT -> "Waiting for the first byte";
			case RECEIVE -> "Reading the response";
			case OTHER -> "The rest";
		} + " took longest: " + time(record.nanos(verdict)) + " of " + time(record.total());
	}

	private static String time(long nanos) {
		return (nanos < LESS_THAN_A_SECOND) ? millis(nanos) : String.format(Locale.ROOT, "%.2f s", nanos / SECONDS);
	}

	static String millis(long nanos) {
		return String.format(Locale.ROOT, "%.1f ms", nanos / MILLIS);
	}

}
