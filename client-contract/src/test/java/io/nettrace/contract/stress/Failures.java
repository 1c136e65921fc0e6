package io.nettrace.contract.stress;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.netty.channel.ChannelException;
import io.netty.handler.codec.CodecException;
import org.apache.hc.core5.http.HttpException;
import org.eclipse.jetty.client.HttpRequestException;
import org.eclipse.jetty.client.HttpResponseException;
import org.eclipse.jetty.client.RetryableRequestException;
import org.jspecify.annotations.Nullable;

/**
 * How requests failed.
 */
final class Failures {

	private static final Pattern LIBRARIES = Pattern
		.compile("org\\.apache\\.hc\\.|org\\.eclipse\\.jetty\\.|io\\.netty\\.handler\\.codec\\.");

	private static final Pattern JDK = Pattern.compile("javax?\\.|sun\\.|jdk\\.");

	private final Map<String, Integer> byType = new TreeMap<>();

	private int asPlanned;

	private int byOthers;

	synchronized void add(TrackedRequest request, Throwable failure) {
		this.byType.merge(failure.getClass().getSimpleName(), 1, Integer::sum);
		if (request.isFaulty()) {
			this.asPlanned++;
		}
		else {
			this.byOthers++;
		}
	}

	/**
	 * How many requests failed which were to meet a fault.
	 */
	synchronized int asPlanned() {
		return this.asPlanned;
	}

	/**
	 * How many requests had no fault of their own: their connection was one that had been
	 * closed, its handshake failed, or they waited for too long.
	 */
	synchronized int byOthers() {
		return this.byOthers;
	}

	synchronized Map<String, Integer> byType() {
		return new TreeMap<>(this.byType);
	}

	/**
	 * Whether a library throws that: no error of a program, and nothing of a hook.
	 */
	static boolean isExpected(Throwable failure) {
		for (@Nullable
		Throwable each = failure; each != null; each = each.getCause()) {
			if (String.valueOf(each.getMessage()).startsWith("the stress: ")) {
				return false;
			}
		}
		return failure instanceof IOException || failure instanceof TimeoutException
				|| failure instanceof CancellationException || failure instanceof InterruptedException
				|| failure instanceof HttpException || failure instanceof ChannelException
				|| failure instanceof CodecException || failure instanceof HttpResponseException
				|| failure instanceof HttpRequestException || failure instanceof RetryableRequestException
				|| ((failure instanceof IllegalStateException || failure instanceof IllegalArgumentException
						|| failure instanceof AssertionError || failure instanceof NullPointerException)
						&& isOfLibrary(failure));
	}

	/**
	 * A request that is cancelled while its connection is handed to it, what is not HTTP,
	 * and an assertion of Jetty's parser.
	 */
	private static boolean isOfLibrary(Throwable failure) {
		return Stream.of(failure.getStackTrace())
			.map(StackTraceElement::getClassName)
			.filter((name) -> !JDK.matcher(name).lookingAt())
			.findFirst()
			.filter((name) -> LIBRARIES.matcher(name).lookingAt())
			.isPresent();
	}

	static String text(Throwable failure) {
		StringWriter text = new StringWriter();
		failure.printStackTrace(new PrintWriter(text));
		return text.toString();
	}

}
