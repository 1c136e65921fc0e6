package io.nettrace.contract.httptrace;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the addresses of a scenario are on this machine. 10.77.0.1 becomes 127.N.77.1,
 * with a different N for each run, so that parallel runs do not collide. 10000 is added
 * to ports below 10000, since 8080 may be taken on all addresses. IPv6 addresses stay as
 * they are.
 */
final class Addresses {

	private static final int PORT_OFFSET = 10_000;

	private static final int LANES = 254;

	private static final Pattern IPV4 = Pattern.compile("10\\.77\\.0\\.(\\d{1,3})");

	private static final Pattern LOCATION = Pattern.compile("(?mi)^(Location: *)(https?://\\S+)");

	// most likely different from other JVMs
	private static final AtomicInteger NEXT = new AtomicInteger((int) (ProcessHandle.current().pid() % LANES));

	private final int lane = NEXT.getAndIncrement() % LANES + 1;

	private final Pattern realIpv4 = Pattern.compile("127\\." + this.lane + "\\.77\\.(\\d{1,3})");

	/**
	 * Return the real address of an IP address of the scenario.
	 */
	InetAddress real(String literal) {
		Matcher matcher = IPV4.matcher(literal);
		try {
			if (matcher.matches()) {
				return InetAddress.getByName("127." + this.lane + ".77." + matcher.group(1));
			}
			if (literal.indexOf(':') < 0) {
				throw new UnsupportedException("the address " + literal + ": only 10.77.0.x and IPv6 are known");
			}
			return InetAddress.getByName(literal);
		}
		catch (UnknownHostException ex) {
			throw new UnsupportedException("the address " + literal);
		}
	}

	/**
	 * Return the real address of an IP address and port of the scenario.
	 */
	InetSocketAddress realSocketAddress(String text) {
		int colon = text.lastIndexOf(':');
		String literal = text.substring(0, colon);
		if (literal.startsWith("[")) {
			literal = literal.substring(1, literal.length() - 1);
		}
		return new InetSocketAddress(real(literal), real(Integer.parseInt(text.substring(colon + 1))));
	}

	int real(int port) {
		return (port < PORT_OFFSET) ? port + PORT_OFFSET : port;
	}

	private static int ofScenario(int port) {
		return (port >= PORT_OFFSET && port < 2 * PORT_OFFSET) ? port - PORT_OFFSET : port;
	}

	/**
	 * Return a URL with its real address and port.
	 */
	URI real(URI url) {
		String host = url.getHost();
		if (IPV4.matcher(host).matches()) {
			host = real(host).getHostAddress();
		}
		int port = (url.getPort() >= 0) ? url.getPort() : "https".equals(url.getScheme()) ? 443 : 80;
		String user = (url.getRawUserInfo() != null) ? url.getRawUserInfo() + "@" : "";
		String path = (url.getRawPath() != null) ? url.getRawPath() : "";
		String query = (url.getRawQuery() != null) ? "?" + url.getRawQuery() : "";
		return URI.create(url.getScheme() + "://" + user + host + ":" + real(port) + path + query);
	}

	/**
	 * Return what a server sends, with the real address in a redirect.
	 */
	String realMessage(String message) {
		return LOCATION.matcher(message)
			.replaceAll((match) -> Matcher.quoteReplacement(match.group(1) + real(URI.create(match.group(2)))));
	}

	/**
	 * Return what the scenario calls a host and port.
	 */
	String ofScenario(String host, int port) {
		String name = ofScenario(host);
		if (name.startsWith("[")) {
			return name + ":" + ofScenario(port);
		}
		return ((name.indexOf(':') < 0) ? name : "[" + name + "]") + ":" + ofScenario(port);
	}

	/**
	 * Return what the scenario calls an IP address; a host name stays as it is.
	 */
	String ofScenario(String host) {
		Matcher matcher = this.realIpv4.matcher(host);
		return matcher.matches() ? "10.77.0." + matcher.group(1) : host;
	}

}
