package io.nettrace.equality;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * The comparison finds planted differences, and no others.
 */
class ComparisonTests {

	private static final String KEY = "WEB_CLIENT_ON_JETTY / planted";

	private static final List<String> WITHOUT = List.of("@port server 40001", "@port closed 40002",
			"resolver asked for a.test on HttpClient@1a2b3c4d-17", "call GET http://a.test:40001/a", "  status 200",
			"  response header Set-Cookie: [session=1]", "  response body 2 bytes: ok",
			"call GET http://a.test:40002/b",
			"  thrown java.io.IOException: Connect to a.test:40002 failed after 600 MILLISECONDS",
			"    suppressed java.net.ConnectException: Connection refused",
			"    cause java.net.ConnectException: Connection refused: a.test/127.0.0.1:40002",
			"finally onComplete on reactor-http-epoll-3", "server server: 2 connections", "server1 from 127.0.0.1",
			"  GET /a HTTP/1.1", "  Host: a.test:40001",
			"  traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "  Cookie: session=1",
			"server2 from 127.0.0.1", "  POST /retried HTTP/1.1", "  body 4 bytes: once");

	/**
	 * A second run, which has other ports, ids, hashes and numbers.
	 */
	private static final List<String> CHANCE = List.of("@port server 50001", "@port closed 50002",
			"resolver asked for a.test on HttpClient@ffee-4", "call GET http://a.test:50001/a", "  status 200",
			"  response header Set-Cookie: [session=1]", "  response body 2 bytes: ok",
			"call GET http://a.test:50002/b",
			"  thrown java.io.IOException: Connect to a.test:50002 failed after 600 MILLISECONDS",
			"    suppressed java.net.ConnectException: Connection refused",
			"    cause java.net.ConnectException: Connection refused: a.test/127.0.0.1:50002",
			"finally onComplete on reactor-http-epoll-1", "server server: 2 connections", "server1 from 127.0.0.1",
			"  GET /a HTTP/1.1", "  Host: a.test:50001",
			"  traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "  Cookie: session=1",
			"server2 from 127.0.0.1", "  POST /retried HTTP/1.1", "  body 4 bytes: once");

	@Test
	void chanceIsNoDifference() {
		assertThat(compare(List.of(), WITHOUT, CHANCE)).isEmpty();
	}

	static Stream<Arguments> planted() {
		return Stream.of(arguments("another status", "  status 200", "  status 204"),
				arguments("another message", "Connect to a.test:40002 failed", "a.test:40002 does not answer"),
				arguments("another class", "thrown java.io.IOException", "thrown java.net.UnknownHostException"),
				arguments("another time-out", "600 MILLISECONDS", "700 MILLISECONDS"),
				arguments("another cause", "    cause java.net.ConnectException", "    cause java.net.SocketException"),
				arguments("another address in a message", "a.test/127.0.0.1", "a.test/127.0.0.2"),
				arguments("another port in a message", "refused: a.test/127.0.0.1:40002",
						"refused: a.test/127.0.0.1:40001"),
				arguments("another thread", "on reactor-http-epoll-3", "on caller"),
				arguments("another thread of the library's", "on HttpClient@1a2b3c4d-17",
						"on HttpClient@1a2b3c4d-scheduler-17"),
				arguments("another signal", "finally onComplete", "finally cancel"),
				arguments("another name at the resolver", "asked for a.test", "asked for [a.test]"),
				arguments("another header", "  Host: a.test:40001", "  host: a.test:40001"),
				arguments("another sampling", "b7ad6b7169203331-01", "b7ad6b7169203331-00"),
				arguments("another cookie", "  Cookie: session=1", "  Cookie: session=2"),
				arguments("another method", "  POST /retried HTTP/1.1", "  GET /retried HTTP/1.1"),
				arguments("another body", "4 bytes: once", "5 bytes: twice"),
				arguments("another local address", "server2 from 127.0.0.1", "server2 from 127.0.0.2"),
				arguments("one connection more", "server server: 2 connections", "server server: 3 connections"));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource
	void planted(String name, String text, String replacement) {
		List<String> with = WITHOUT.stream().map((line) -> line.replace(text, replacement)).toList();
		assertThat(with).isNotEqualTo(WITHOUT);
		assertThat(compare(List.of(), WITHOUT, with)).singleElement()
			.extracting(Object::toString)
			.asString()
			.contains(KEY, "without nettrace", "with nettrace enabled", "    ! ");
	}

	@Test
	void oneLineMore() {
		for (int i = 2; i <= WITHOUT.size(); i++) {
			List<String> with = new ArrayList<>(WITHOUT);
			with.add(i, "  X-More: 1");
			assertThat(compare(List.of(), WITHOUT, with)).as("at " + i).hasSize(1);
		}
	}

	@Test
	void oneLineLess() {
		for (int i = 2; i < WITHOUT.size(); i++) {
			List<String> with = new ArrayList<>(WITHOUT);
			with.remove(i);
			assertThat(compare(List.of(), WITHOUT, with)).as(WITHOUT.get(i)).hasSize(1);
		}
	}

	@Test
	void requestOnAnotherConnection() {
		List<String> with = new ArrayList<>(WITHOUT);
		with.add(with.remove(with.indexOf("server2 from 127.0.0.1")));
		assertThat(compare(List.of(), WITHOUT, with)).hasSize(1);
	}

	@Test
	void scenarioThatOnlyOneSideHas() {
		Transcripts both = transcripts(WITHOUT, WITHOUT);
		Transcripts one = transcripts(WITHOUT);
		Comparison comparison = new Comparison(List.of());
		assertThat(comparison.compare("enabled", both, one)).hasSize(1);
		assertThat(comparison.compare("enabled", one, both)).hasSize(1);
	}

	@Test
	void allowedDifferenceIsRequired() {
		AllowedDifference allowed = new AllowedDifference("planted", Pattern.compile("WEB_.*"),
				Pattern.compile("  status 200"), "  status 204", "for this test");
		Comparison comparison = new Comparison(List.of(allowed));
		List<String> with = WITHOUT.stream().map((line) -> line.replace("status 200", "status 204")).toList();
		assertThat(comparison.compare("enabled", transcripts(WITHOUT), transcripts(with))).isEmpty();
		assertThat(comparison.used()).containsExactly(allowed);
		assertThat(comparison.compare("enabled", transcripts(WITHOUT), transcripts(WITHOUT))).hasSize(1);
	}

	/**
	 * Anything seen once without nettrace may be seen any number of times with it.
	 */
	@Test
	void variants() {
		List<String> other = WITHOUT.stream().map((line) -> line.replace("status 200", "status 503")).toList();
		Transcripts without = transcripts(WITHOUT);
		Comparison comparison = new Comparison(List.of());
		assertThat(comparison.compare("enabled", without, transcripts(other))).hasSize(1);
		without.add(transcripts(other));
		assertThat(comparison.compare("enabled", without, transcripts(other))).isEmpty();
		assertThat(comparison.compare("enabled", without, transcripts(WITHOUT))).isEmpty();
	}

	private static List<Comparison.Difference> compare(List<AllowedDifference> allowed, List<String> without,
			List<String> with) {
		return new Comparison(allowed).compare("enabled", transcripts(without), transcripts(with));
	}

	/**
	 * A process that has run one scenario for each transcript.
	 */
	@SafeVarargs
	private static Transcripts transcripts(List<String>... all) {
		List<String> lines = new ArrayList<>();
		for (int i = 0; i < all.length; i++) {
			lines.add("=== " + KEY + ((i > 0) ? i : ""));
			lines.addAll(all[i]);
		}
		lines.addAll(List.of("=== nettrace", "present true"));
		return Transcripts.of(lines);
	}

}
