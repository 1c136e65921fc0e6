package io.nettrace.benchmarks;

import java.util.List;

import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import reactor.netty.http.client.HttpClient;

/**
 * What a request on a pooled connection allocates more than without nettrace, on all
 * threads of a JVM that does nothing else, but those of the exporter of spans.
 */
final class OpenConnections implements AutoCloseable {

	private static final int REQUESTS = 2_000;

	private static final int WARM_UP = 10;

	private static final int ROUNDS = 60;

	private final ChildJvm server = ChildJvm.start(List.of(), List.of(), EndToEndServer.class);

	private final String url = "http://localhost:" + this.server.read();

	/**
	 * Measure in a new JVM.
	 * @param client {@code rest}, {@code restByHand}, {@code web}, {@code reactorNetty},
	 * {@code async} or {@code jetty}
	 * @param watching what listens
	 * @param bar what is enough
	 * @return the bytes of one request
	 */
	double moreBytes(String client, Watching watching, double bar) {
		try (ChildJvm clients = ChildJvm.start(List.of(), List.of(), OpenConnections.class, this.url, client,
				watching.name(), String.valueOf(bar))) {
			return Bytes.readFrom(clients);
		}
	}

	@Override
	public void close() {
		this.server.close();
	}

	/**
	 * Measure.
	 * @param args the arguments of {@link #moreBytes}, the server's URL before them
	 */
	public static void main(String[] args) {
		try (Application application = new Application(Watching.valueOf(args[2]));
				Load load = Load.withoutExporters()) {
			Pair pair = Pair.of(args[1], new BootClients(application), load, args[0]);
			Bytes.print(difference(pair.with(), pair.without(), Double.parseDouble(args[3])));
		}
		System.exit(0);
	}

	/**
	 * Both take turns, and the minimum of each counts: a request allocates less once the
	 * code that both share is compiled.
	 */
	private static double difference(SentBy with, SentBy without, double bar) {
		double most = Double.MAX_VALUE;
		double least = Double.MAX_VALUE;
		for (int round = 0; round < ROUNDS && (round < WARM_UP || most - least >= bar); round++) {
			most = Math.min(most, with.send(TinyServer.KEEP, REQUESTS).bytesPerRequest());
			least = Math.min(least, without.send(TinyServer.KEEP, REQUESTS).bytesPerRequest());
		}
		return most - least;
	}

	/**
	 * A client with nettrace and one without.
	 */
	private record Pair(SentBy with, SentBy without) {

		static Pair of(String client, BootClients clients, Load load, String url) {
			return switch (client) {
				case "rest" -> new Pair(SentBy.rest(load, clients.restWithNetTrace(), url),
						SentBy.rest(load, clients.rest(), url));
				case "restByHand" -> new Pair(SentBy.rest(load, clients.restWithRecordByHand(), url),
						SentBy.rest(load, clients.rest(), url));
				case "web" ->
					new Pair(SentBy.web(load, clients.webWithNetTrace(), url), SentBy.web(load, clients.web(), url));
				case "reactorNetty" -> new Pair(SentBy.reactorNetty(load, clients.reactorNettyWithNetTrace(), url),
						SentBy.reactorNetty(load, HttpClient.create(), url));
				case "async" -> new Pair(SentBy.async(load, clients.asyncWithNetTrace(), url),
						SentBy.async(load, HttpAsyncClients.createDefault(), url));
				case "jetty" -> new Pair(SentBy.jetty(load, clients.jettyWithNetTrace(), url),
						SentBy.jetty(load, new org.eclipse.jetty.client.HttpClient(), url));
				default -> throw new IllegalArgumentException(
						"'client' must be rest, restByHand, web, reactorNetty, async or jetty, not " + client);
			};
		}

	}

}
