package io.nettrace.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.nettrace.NetTrace;
import io.nettrace.concurrent.Threads;
import io.nettrace.dial.Connector;
import io.nettrace.dial.DialHandle;
import io.nettrace.dial.DialSettings;
import io.nettrace.dial.DialStrategy;
import io.nettrace.dial.Dialer;
import io.nettrace.instrument.NetTraceAddress;
import org.jspecify.annotations.Nullable;

/**
 * The time to get a connection when some of a host's addresses do not answer, and the
 * cost of a race when all do.
 */
public final class Dialing {

	private static final DialSettings GO = DialSettings.defaults();

	static final DialSettings RFC8305 = DialSettings.defaults().withStrategy(DialStrategy.RFC8305);

	private static final String PLAIN = "plain";

	/**
	 * For what a selector and its threads take.
	 */
	private static final double ASYNC_MILLIS = 10;

	/**
	 * For what each further channel of Reactor Netty takes.
	 */
	private static final double REACTOR_MILLIS = 45;

	/**
	 * For what the threads of Jetty take.
	 */
	private static final double JETTY_MILLIS = 45;

	private final Targets targets;

	private Dialing(Targets targets) {
		this.targets = targets;
	}

	/**
	 * Measure for two minutes and write the results.
	 * @param args none
	 * @throws IOException if a connect fails or the results cannot be written
	 */
	public static void main(String[] args) throws IOException {
		Section section = new Section("Dialing", Dialing.class, "");
		try (Targets targets = new Targets(7)) {
			Dialing dialing = new Dialing(targets);
			dialing.reportDead(section, 5);
			dialing.reportAlive(section, 40, 80, 50);
			dialing.reportAlive(section, "the asynchronous client", "HttpComponents async",
					"nettrace, async, `rfc8305`", DialingClient::httpComponentsAsync);
			dialing.reportAlive(section, "Reactor Netty", "Reactor Netty", "nettrace, Reactor Netty, `rfc8305`",
					DialingClient::reactorNetty);
			dialing.reportAlive(section, "Jetty", "Jetty", "nettrace, Jetty, `rfc8305`", DialingClient::jetty);
		}
		section.publish();
	}

	private void reportDead(Section section, int rounds) throws IOException {
		DialingClient go = DialingClient.netTrace(GO);
		DialingClient rfc8305 = DialingClient.netTrace(RFC8305);
		DialingClient asyncGo = DialingClient.httpComponentsAsync(GO);
		DialingClient asyncRfc8305 = DialingClient.httpComponentsAsync(RFC8305);
		DialingClient okHttp = DialingClient.okHttp();
		DialingClient httpComponents = DialingClient.httpComponents();
		DialingClient reactorGo = DialingClient.reactorNetty(GO);
		DialingClient reactorRfc8305 = DialingClient.reactorNetty(RFC8305);
		DialingClient reactorNetty = DialingClient.reactorNetty(null);
		DialingClient jettyGo = DialingClient.jetty(GO);
		DialingClient jettyRfc8305 = DialingClient.jetty(RFC8305);
		DialingClient jetty = DialingClient.jetty(null);
		for (DialingClient client : List.of(go, rfc8305, asyncGo, asyncRfc8305, reactorGo, reactorRfc8305, jettyGo,
				jettyRfc8305, okHttp, httpComponents, reactorNetty, jetty)) {
			millis(client, this.targets.alive(2), 200);
			millis(client, this.targets.deadIpv6(), 1);
		}
		section.say("Milliseconds of a whole request to a host with addresses that do not respond: medians of %d "
				+ "rounds, one round for HttpComponents, Reactor Netty and Jetty, which wait for their connect timeout of 2 s. "
				+ "OkHttp tries IPv6 first, whatever the resolver returns. nettrace is HttpComponents with `nettrace.connect.happy-eyeballs`: RestClient's, the asynchronous one of WebClient, Reactor Netty, and Jetty.",
				rounds);
		section.head("addresses", "nettrace", "bar", "nettrace, async", "bar", "nettrace, Reactor Netty", "bar",
				"nettrace, Jetty", "bar", "OkHttp, fast fallback", "HttpComponents", "Reactor Netty", "Jetty");
		for (Case each : cases()) {
			boolean isGo = each.strategy() == DialStrategy.GO;
			Numbers millis = millis(isGo ? go : rfc8305, each.addresses(), rounds);
			Numbers async = millis(isGo ? asyncGo : asyncRfc8305, each.addresses(), rounds);
			Numbers reactor = millis(isGo ? reactorGo : reactorRfc8305, each.addresses(), rounds);
			Numbers onJetty = millis(isGo ? jettyGo : jettyRfc8305, each.addresses(), rounds);
			section.row(each.name(), text(millis), judged(millis, each.bar()), text(async),
					judged(async, each.bar() + ASYNC_MILLIS), text(reactor),
					judged(reactor, each.bar() + REACTOR_MILLIS), text(onJetty),
					judged(onJetty, each.bar() + JETTY_MILLIS), text(millis(okHttp, each.addresses(), rounds)),
					text(millis(httpComponents, each.addresses(), 1)), text(millis(reactorNetty, each.addresses(), 1)),
					text(millis(jetty, each.addresses(), 1)));
		}
		section.end();
	}

	private static String judged(Numbers millis, double bar) {
		return Section.format("%.1f: %s", bar, Section.verdict(millis.median() <= bar));
	}

	private List<Case> cases() {
		return List.of(new Case("IPv6 dead, then IPv4, Go's rule", DialStrategy.GO, this.targets.deadIpv6(), 305),
				new Case("2 IPv4 dead, then IPv6, Go's rule", DialStrategy.GO,
						join(this.targets.dead(2), List.of(this.targets.aliveIpv6())), 305),
				new Case("first of 2 dead, `rfc8305`", DialStrategy.RFC8305,
						join(this.targets.dead(1), this.targets.alive(1)), 255),
				new Case("first of 4 dead, `rfc8305`", DialStrategy.RFC8305,
						join(this.targets.dead(1), this.targets.alive(3)), 255),
				new Case("first of 8 dead, `rfc8305`", DialStrategy.RFC8305,
						join(this.targets.dead(1), this.targets.alive(7)), 255),
				new Case("3 of 4 dead, `rfc8305`", DialStrategy.RFC8305,
						join(this.targets.dead(3), this.targets.alive(1)), 3 * 250 * 1.03),
				new Case("7 of 8 dead, `rfc8305`", DialStrategy.RFC8305,
						join(this.targets.dead(7), this.targets.alive(1)), 7 * 250 * 1.03));
	}

	private static List<InetSocketAddress> join(List<InetSocketAddress> first, List<InetSocketAddress> then) {
		return Stream.concat(first.stream(), then.stream()).toList();
	}

	private static Numbers millis(DialingClient client, List<InetSocketAddress> addresses, int times)
			throws IOException {
		double[] millis = new double[times];
		for (int i = 0; i < times; i++) {
			millis[i] = client.millis(addresses);
		}
		return Numbers.of(DoubleStream.of(millis));
	}

	private static String text(Numbers millis) {
		return Section.format("%,.1f", millis.median());
	}

	private void reportAlive(Section section, int warmUp, int rounds, int connects) throws IOException {
		section.say(
				"Microseconds of a connect if every address responds: median of the means of %d rounds of %d, taking "
						+ "turns. The bar is a plain connect plus 0.1 ms or 10 %%, whichever is more.",
				rounds, connects);
		section.head("", "us", "[middle half]", "attempts a connection", "bar");
		List<Alive> all = measureAlive(this.targets, null, warmUp, rounds, connects);
		double plain = all.get(0).micros().median();
		for (Alive alive : all) {
			section.row(alive.name(), Section.format("%.1f", alive.micros().median()),
					Section.format("%.1f-%.1f", alive.micros().quantile(0.25), alive.micros().quantile(0.75)),
					Section.format("%.4f", alive.attempts()), alive.name().equals(PLAIN) ? "" : Section.verdict(
							alive.attempts() == 1 && alive.micros().median() <= plain + Math.max(100, plain / 10)));
		}
		section.end();
	}

	private void reportAlive(Section section, String client, String libraryName, String netTraceName,
			Function<@Nullable DialSettings, DialingClient> clients) {
		int warmUp = 40;
		int rounds = 80;
		int requests = 50;
		DialingClient library = clients.apply(null);
		DialingClient netTrace = clients.apply(RFC8305);
		List<InetSocketAddress> addresses = this.targets.alive(2);
		List<Double> alone = new ArrayList<>();
		List<Double> racing = new ArrayList<>();
		for (int round = 0; round < warmUp + rounds; round++) {
			double first = mean(library, addresses, requests);
			double second = mean(netTrace, addresses, requests);
			if (round >= warmUp) {
				alone.add(first);
				racing.add(second);
			}
		}
		double plain = median(alone);
		section.say("Microseconds of a whole request of " + client + " over a new connection if both addresses "
				+ "respond, in the same way.");
		section.head("", "us", "bar");
		section.row(libraryName, Section.format("%.1f", plain), "");
		section.row(netTraceName, Section.format("%.1f", median(racing)),
				Section.verdict(median(racing) <= plain + Math.max(100, plain / 10)));
		section.end();
	}

	private static double mean(DialingClient client, List<InetSocketAddress> addresses, int requests) {
		return IntStream.range(0, requests).mapToDouble((i) -> client.millis(addresses)).average().orElseThrow() * 1e3;
	}

	private static double median(List<Double> micros) {
		return Numbers.of(micros.stream().mapToDouble(Double::doubleValue)).median();
	}

	/**
	 * Connect where every address answers.
	 * @param targets the addresses
	 * @param delay when the next attempt starts, {@code null} for the strategy's own
	 * @param warmUp rounds that do not count
	 * @param rounds rounds that count
	 * @param connects how many each round has
	 * @return the plain connect first
	 */
	static List<Alive> measureAlive(Targets targets, @Nullable Duration delay, int warmUp, int rounds, int connects)
			throws IOException {
		DialSettings go = GO.withFallbackDelay(delay);
		DialSettings rfc8305 = RFC8305.withFallbackDelay(delay);
		List<InetSocketAddress> two = targets.alive(2);
		List<InetSocketAddress> families = List.of(targets.aliveIpv6(), two.get(0));
		List<Dial> dials = List.of(new Dial(PLAIN, null, two), new Dial("Go's rule, 2 addresses", go, two),
				new Dial("Go's rule, both families", go, families), new Dial("`rfc8305`, 2 addresses", rfc8305, two),
				new Dial("`rfc8305`, 8 addresses", rfc8305, targets.alive(8)));
		for (int round = 0; round < warmUp + rounds; round++) {
			if (round == warmUp) {
				dials.forEach(Dial::forget);
			}
			for (Dial dial : dials) {
				dial.connect(connects);
			}
		}
		return dials.stream().map(Dial::result).toList();
	}

	/**
	 * Addresses of which some do not answer.
	 *
	 * @param name what to call it
	 * @param strategy how nettrace dials
	 * @param addresses the addresses
	 * @param bar how many milliseconds it may take
	 */
	private record Case(String name, DialStrategy strategy, List<InetSocketAddress> addresses, double bar) {
	}

	/**
	 * What it takes to connect when every address answers.
	 *
	 * @param name what to call it
	 * @param micros a connect's mean of each round
	 * @param attempts how many of a connection
	 */
	record Alive(String name, Numbers micros, double attempts) {
	}

	private static final class Dial {

		private final String name;

		private final @Nullable Dialer dialer;

		private final List<InetSocketAddress> addresses;

		private final AtomicInteger attempts = new AtomicInteger();

		private final List<Double> micros = new ArrayList<>();

		private int connections;

		Dial(String name, @Nullable DialSettings settings, List<InetSocketAddress> addresses) {
			this.name = name;
			this.dialer = (settings != null) ? new Dialer(settings, Threads.perTask("racer-")) : null;
			NetTrace counting = new NetTrace() {

				@Override
				public void connectStart(String network, SocketAddress address) {
					Dial.this.attempts.incrementAndGet();
				}

			};
			this.addresses = addresses.stream().map((address) -> NetTraceAddress.carrying(address, counting)).toList();
		}

		void forget() {
			this.micros.clear();
		}

		void connect(int times) throws IOException {
			long nanos = 0;
			for (int i = 0; i < times; i++) {
				long start = System.nanoTime();
				SocketChannel channel = connect();
				nanos += System.nanoTime() - start;
				this.connections++;
				channel.setOption(StandardSocketOptions.SO_LINGER, 0);
				channel.close();
			}
			this.micros.add(nanos / 1e3 / times);
		}

		private SocketChannel connect() throws IOException {
			Blocking connector = new Blocking();
			if (this.dialer != null) {
				return this.dialer.dial("tcp", this.addresses, connector, new DialHandle());
			}
			this.attempts.incrementAndGet();
			SocketChannel channel = connector.open(this.addresses.get(0));
			connector.connect(channel, this.addresses.get(0), null);
			return channel;
		}

		Alive result() {
			return new Alive(this.name, Numbers.of(this.micros.stream().mapToDouble(Double::doubleValue)),
					(double) this.attempts.get() / this.connections);
		}

	}

	/**
	 * Connects channels that block.
	 */
	private static final class Blocking implements Connector<SocketChannel> {

		@Override
		public SocketChannel open(InetSocketAddress address) throws IOException {
			return SocketChannel.open();
		}

		@Override
		public void connect(SocketChannel channel, InetSocketAddress address, @Nullable Duration timeout)
				throws IOException {
			channel.socket().connect(address, (timeout != null) ? (int) timeout.toMillis() : 0);
		}

	}

}
