package io.nettrace.autoconfigure;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

import io.nettrace.observation.HostName;
import io.nettrace.observation.Phase;
import io.nettrace.observation.recent.RecentRequest;
import org.jspecify.annotations.Nullable;

/**
 * Requests as a HAR file, version 1.2 (http://www.softwareishard.com/blog/har-12-spec/),
 * which the network panels of browsers open. Members that begin with an underscore are
 * not of the format, which allows for them: {@code _nettrace} is the request as the
 * endpoint {@code nettracerequests} returns it, the others are those of Chrome.
 */
final class Har {

	private static final Pattern NOT_IN_HOSTS = Pattern.compile("[^A-Za-z0-9._-]");

	private static final String UNKNOWN = "unknown";

	private static final double MILLIS = 1000;

	private static final double NOT_APPLICABLE = -1;

	private static final int NOT_KNOWN = -1;

	private static final int HTTP_PORT = 80;

	private static final int HTTPS_PORT = 443;

	private static final int NO_RESPONSE = 0;

	private static final String VERSION = Objects.requireNonNullElse(Har.class.getPackage().getImplementationVersion(),
			UNKNOWN);

	private Har() {
	}

	/**
	 * Return the file.
	 * @param requests the requests, the newest first
	 * @return the members of its one object
	 */
	static Map<String, Object> of(List<RecentRequest> requests) {
		List<Object> entries = new ArrayList<>(requests.stream().map(Har::entry).toList());
		Collections.reverse(entries);
		return object("log", object("version", "1.2", "creator", object("name", "nettrace", "version", VERSION),
				"entries", entries));
	}

	private static Map<String, Object> entry(RecentRequest request) {
		RecentRequest.Connection connection = request.connection();
		String protocol = (connection != null) ? connection.protocol() : null;
		String httpVersion = (protocol != null) ? "HTTP/" + protocol : UNKNOWN;
		Map<String, Object> entry = object("startedDateTime", request.time().truncatedTo(ChronoUnit.MILLIS).toString(),
				"time", request.duration() * MILLIS, "request", request(request, httpVersion), "response",
				response(request, httpVersion), "cache", object(), "timings", timings(request.phases()),
				"_resourceType", "fetch", "_nettrace", request);
		if (connection != null) {
			putIfKnown(entry, "connection", text(connection.peerPort()));
			entry.put("_connectionId", connection.id());
			putIfKnown(entry, "serverIPAddress", ipAddress(connection.peerAddress()));
		}
		return entry;
	}

	/**
	 * The format lets the port stand for the connection, and Chrome takes it for one.
	 */
	private static @Nullable String text(@Nullable Integer port) {
		return (port != null) ? port.toString() : null;
	}

	/**
	 * What stands for a hidden address is none; the format has no zones.
	 */
	private static @Nullable String ipAddress(@Nullable String address) {
		return (address != null && HostName.isAddress(address)) ? address.split("%", 2)[0] : null;
	}

	private static Map<String, Object> request(RecentRequest request, String httpVersion) {
		return object("method", Objects.requireNonNullElse(request.method(), UNKNOWN), "url", url(request),
				"httpVersion", httpVersion, "cookies", List.of(), "headers", List.of(), "queryString", List.of(),
				"headersSize", NOT_KNOWN, "bodySize", NOT_KNOWN);
	}

	private static Map<String, Object> response(RecentRequest request, String httpVersion) {
		String status = request.status();
		String error = request.error();
		Map<String, Object> response = object("status", (status != null) ? Integer.parseInt(status) : NO_RESPONSE,
				"statusText", (status == null && error != null) ? error : "", "httpVersion", httpVersion, "cookies",
				List.of(), "headers", List.of(), "content", object("size", 0, "mimeType", ""), "redirectURL", "",
				"headersSize", NOT_KNOWN, "bodySize", NOT_KNOWN);
		putIfKnown(response, "_error", error);
		return response;
	}

	/**
	 * The template in place of the path. A URL has no braces, and a host neither those
	 * nor a zone.
	 */
	private static String url(RecentRequest request) {
		String scheme = request.secure() ? "https" : "http";
		Integer port = request.port();
		boolean usual = port == null || port == (request.secure() ? HTTPS_PORT : HTTP_PORT);
		String uri = request.uri();
		try {
			return new URI(scheme, authority(request.host()) + (usual ? "" : ":" + port),
					(uri != null && uri.startsWith("/")) ? uri : "/", null, null)
				.toASCIIString();
		}
		catch (URISyntaxException ex) {
			return scheme + "://" + UNKNOWN + "/";
		}
	}

	private static String authority(@Nullable String host) {
		if (host == null) {
			return UNKNOWN;
		}
		if (host.indexOf(':') >= 0) {
			return "[" + host.split("%", 2)[0] + "]";
		}
		return NOT_IN_HOSTS.matcher(HostName.canonical(host)).replaceAll("_");
	}

	/**
	 * What is in no phase counts as blocked, so that the times add up; the handshake with
	 * the server is part of the connect, as the format has it.
	 */
	private static Map<String, Object> timings(Map<String, Double> phases) {
		double tls = millis(phases, Phase.TLS);
		double connect = millis(phases, Phase.CONNECT) + millis(phases, Phase.PROXY) + tls;
		return object("blocked", millis(phases, Phase.QUEUE) + millis(phases, Phase.OTHER), "dns",
				ifAny(millis(phases, Phase.DNS)), "connect", ifAny(connect), "ssl", ifAny(tls), "send",
				millis(phases, Phase.SEND), "wait", millis(phases, Phase.WAIT), "receive",
				millis(phases, Phase.RECEIVE));
	}

	private static double millis(Map<String, Double> phases, Phase phase) {
		return phases.getOrDefault(phase.toString(), 0.0) * MILLIS;
	}

	private static double ifAny(double millis) {
		return (millis > 0) ? millis : NOT_APPLICABLE;
	}

	private static void putIfKnown(Map<String, Object> object, String member, @Nullable Object value) {
		if (value != null) {
			object.put(member, value);
		}
	}

	private static Map<String, Object> object(Object... membersAndValues) {
		Map<String, Object> object = new LinkedHashMap<>();
		for (int i = 0; i < membersAndValues.length; i += 2) {
			object.put((String) membersAndValues[i], membersAndValues[i + 1]);
		}
		return object;
	}

}
