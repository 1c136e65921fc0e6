package io.nettrace.contract.stress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.net.ssl.SSLContext;

import io.nettrace.contract.stress.Wire.Head;
import io.nettrace.test.BlackHole;
import io.nettrace.test.RefusingAddress;
import io.nettrace.test.TestAuthority;
import org.jspecify.annotations.Nullable;

/**
 * A server, one over TLS and a proxy, with random faults. What becomes of a request
 * depends on the seed, the request's number, and how often it has come. A tunnel of the
 * proxy ends here.
 */
final class FaultyServer implements AutoCloseable {

	private static final int SILENT_MILLIS = 200;

	/**
	 * Libraries take what is there of a field for its value, and go to half a location.
	 */
	private static final int MOST_OF_A_CUT_HEAD = 25;

	private static final int SLOW_MILLIS = 8;

	private static final Pattern PATH = Pattern.compile("(?:http://[^/]+)?/(\\d+)/(\\d+)");

	private final long seed;

	private final IntFunction<@Nullable TrackedRequest> requests;

	private final SSLContext good;

	private final SSLContext expired;

	private final SSLContext ofAnotherHost;

	private final ServerSocket plain = listen();

	private final ServerSocket secure = listen();

	private final ServerSocket proxy = listen();

	private final Closeables addresses = new Closeables();

	private final ExecutorService threads = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "faulty-server");
		thread.setDaemon(true);
		return thread;
	});

	private final Set<Wire> open = ConcurrentHashMap.newKeySet();

	private final AtomicInteger connections = new AtomicInteger();

	/**
	 * Start the servers.
	 * @param seed decides
	 * @param authority issues the certificates
	 * @param requests finds a request by its number, {@code null} once it is over
	 */
	FaultyServer(long seed, TestAuthority authority, IntFunction<@Nullable TrackedRequest> requests) {
		this.seed = seed;
		this.requests = requests;
		this.good = authority.server(Names.common()).context();
		this.expired = authority.expiredServer(Names.named("a")).context();
		this.ofAnotherHost = authority.server("another.test").context();
		this.addresses.add(RefusingAddress.open(Names.DEAD, this.plain.getLocalPort()));
		this.addresses.add(RefusingAddress.open(Names.DEAD, this.secure.getLocalPort()));
		this.addresses.add(BlackHole.open(Names.HOLE, this.plain.getLocalPort()));
		accept(this.plain, (wire, random) -> serve(wire));
		accept(this.secure, this::handshake);
		accept(this.proxy, this::tunnel);
	}

	private static ServerSocket listen() {
		try {
			return new ServerSocket(0, 200, InetAddress.getByName(Names.LIVE));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	int proxyPort() {
		return this.proxy.getLocalPort();
	}

	/**
	 * Return where a request goes.
	 * @param secure whether over TLS
	 * @param host the host
	 * @param id the request's number
	 * @param redirects how many came before
	 */
	String url(boolean secure, String host, int id, int redirects) {
		return (secure ? "https" : "http") + "://" + host + ":" + (secure ? this.secure : this.plain).getLocalPort()
				+ "/" + id + "/" + redirects;
	}

	private void accept(ServerSocket listener, Service service) {
		this.threads.execute(() -> {
			while (!listener.isClosed()) {
				try {
					Wire wire = new Wire(listener.accept());
					SplittableRandom random = new SplittableRandom(this.seed + this.connections.incrementAndGet());
					this.threads.execute(() -> serve(wire, service, random));
				}
				catch (IOException closed) {
					// or the client is gone already
				}
			}
		});
	}

	private void serve(Wire wire, Service service, SplittableRandom random) {
		this.open.add(wire);
		try (wire) {
			service.serve(wire, random);
		}
		catch (IOException gone) {
			// the client is through
		}
		finally {
			this.open.remove(wire);
		}
	}

	@FunctionalInterface
	private interface Service {

		void serve(Wire wire, SplittableRandom random) throws IOException;

	}

	private void handshake(Wire wire, SplittableRandom random) throws IOException {
		int of100 = random.nextInt(100);
		if (of100 < 3) {
			wire.pause(SLOW_MILLIS);
		}
		else if (of100 < 6) {
			wire.pause(SLOW_MILLIS);
			wire.reset();
		}
		else if (of100 < 8) {
			wire.write("220 not TLS\r\n");
		}
		else if (of100 < 10) {
			wire.keepSilent(SILENT_MILLIS);
		}
		else {
			wire.secure((of100 < 13) ? this.expired : (of100 < 16) ? this.ofAnotherHost : this.good);
			serve(wire);
		}
	}

	/**
	 * A proxy forwards requests, too.
	 */
	private void tunnel(Wire wire, SplittableRandom random) throws IOException {
		Head head = wire.readHead();
		if (head == null) {
			return;
		}
		if (!head.method().equals("CONNECT")) {
			serve(wire, head);
			return;
		}
		int of100 = random.nextInt(100);
		if (of100 < 5) {
			wire.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
		}
		else if (of100 < 8) {
			return;
		}
		else if (of100 < 11) {
			wire.reset();
		}
		else if (of100 < 13) {
			wire.keepSilent(SILENT_MILLIS);
		}
		else {
			wire.write("HTTP/1.1 200 Connected\r\n\r\n");
			if (head.target().endsWith(":" + this.secure.getLocalPort())) {
				handshake(wire, random);
			}
			else {
				serve(wire); // only Reactor Netty has a tunnel for it
			}
		}
	}

	private void serve(Wire wire) throws IOException {
		serve(wire, wire.readHead());
	}

	private void serve(Wire wire, @Nullable Head first) throws IOException {
		Head head = first;
		while (head != null) {
			if (!answer(wire, head)) {
				return;
			}
			head = wire.readHead();
		}
	}

	/**
	 * Answer a request.
	 * @return whether another one may come
	 */
	private boolean answer(Wire wire, Head head) throws IOException {
		Matcher path = PATH.matcher(head.target());
		if (!path.matches()) {
			return false; // where it was sent to was cut
		}
		int id = Integer.parseInt(path.group(1));
		int redirects = Integer.parseInt(path.group(2));
		TrackedRequest request = this.requests.apply(id);
		int before = (request != null) ? request.arrived(wire.port()) : 0;
		Answer answer = Answer.random(new SplittableRandom(this.seed ^ (id * 1_000L + redirects * 100L + before)));
		if (request != null && (answer.fault() != Answer.Fault.NONE || mayBeCut(answer, head))) {
			request.meetsFault();
		}
		return respond(wire, head, answer, new Reply(this, request, id, redirects, answer));
	}

	private static boolean respond(Wire wire, Head head, Answer answer, Reply reply) throws IOException {
		switch (answer.fault()) {
			case CLOSE_BEFORE -> {
				return false;
			}
			case RESET_BEFORE -> {
				wire.reset();
				return false;
			}
			case SILENCE -> {
				wire.keepSilent(SILENT_MILLIS);
				return false;
			}
			case NOT_HTTP -> {
				wire.write("This is not HTTP\r\n\r\n");
				return false;
			}
			default -> {
			}
		}
		boolean early = isEarly(answer, head, reply);
		if (!early && head.hasBody()) {
			if (head.expectsContinue()) {
				wire.write("HTTP/1.1 100 Continue\r\n\r\n");
			}
			wire.readBody(head);
		}
		for (int i = 0; i < answer.interim(); i++) {
			wire.write("HTTP/1.1 " + reply.interim() + " Stress\r\nLink: </" + i + ">\r\n\r\n");
		}
		if (answer.slow()) {
			wire.pause(SLOW_MILLIS);
		}
		boolean kept = answer.after() != Answer.After.SAYS_CLOSE && !early && !head.saysClose();
		return write(wire, answer, reply.prepare(head, kept)) && kept && staysOpen(wire, answer);
	}

	/**
	 * Whether the answer comes before the body. A client that waits for
	 * {@code 100 Continue} gets nothing else then: with nettrace or without, Jetty does
	 * not end a request that gets another interim response first, and HttpComponents
	 * async none that is redirected before its body is written.
	 */
	private static boolean isEarly(Answer answer, Head head, Reply reply) {
		boolean plain = answer.kind() == Answer.Kind.OK && answer.interim() == 0;
		return answer.early() && head.hasBody() && (plain || !head.expectsContinue()) && reply.mayBeEarly();
	}

	/**
	 * Whether the end of the connection, which ends the body, is a reset, because the
	 * server has not read everything. What is under way may be lost then, and Jetty takes
	 * the reset for the end, with nettrace or without.
	 */
	private static boolean mayBeCut(Answer answer, Head head) {
		return answer.early() && head.hasBody() && answer.framing() == Answer.Framing.UNTIL_CLOSE;
	}

	private static boolean write(Wire wire, Answer answer, Reply reply) throws IOException {
		byte[] text = reply.head();
		switch (answer.fault()) {
			case CUT_HEAD, RESET_HEAD -> {
				wire.write(Arrays.copyOf(text, Math.min(text.length / 2, MOST_OF_A_CUT_HEAD)));
				if (answer.fault() == Answer.Fault.RESET_HEAD) {
					wire.reset();
				}
				return false;
			}
			case CUT_BODY, RESET_BODY -> {
				wire.write(text);
				wire.write(Arrays.copyOf(reply.body(), reply.body().length / 2));
				if (answer.fault() == Answer.Fault.RESET_BODY) {
					wire.reset();
				}
				return false;
			}
			default -> {
			}
		}
		wire.write(text);
		if (answer.slow()) {
			int half = reply.body().length / 2;
			wire.write(Arrays.copyOf(reply.body(), half));
			wire.pause(SLOW_MILLIS);
			wire.write(Arrays.copyOfRange(reply.body(), half, reply.body().length));
		}
		else {
			wire.write(reply.body());
		}
		return !reply.endsByClose();
	}

	private static boolean staysOpen(Wire wire, Answer answer) throws IOException {
		if (answer.after() == Answer.After.CLOSED_IDLE_LATER) {
			wire.pause(SLOW_MILLIS);
		}
		return answer.after() == Answer.After.KEPT;
	}

	@Override
	public void close() {
		Closeables all = new Closeables();
		all.add(this.plain);
		all.add(this.secure);
		all.add(this.proxy);
		all.add(this.addresses);
		this.open.forEach(all::add);
		all.close();
		this.threads.shutdownNow();
	}

}
