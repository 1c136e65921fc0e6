package io.nettrace.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * A DNS server on a UDP port of 127.0.0.1, inside this process. It answers queries for A
 * and AAAA records with a time to live of 0, each as {@link DnsAnswer} says, and unknown
 * names with NXDOMAIN. A slow answer does not delay others. Names match without regard to
 * case and trailing dot. It may be changed while it runs, by any thread.
 */
public final class DnsServer implements AutoCloseable {

	private static final int TTL = 0;

	private final DatagramSocket socket;

	private final Map<String, DnsAnswer> answers = new ConcurrentHashMap<>();

	private final Map<Query, Integer> queries = new ConcurrentHashMap<>();

	private final Changes changes = new Changes();

	private final Thread thread = new Thread(this::serve, "dns-server");

	private DnsServer(DatagramSocket socket) {
		this.socket = socket;
		this.thread.setDaemon(true);
	}

	/**
	 * Start a server that knows no name yet, on any free port.
	 * @return the running server
	 */
	public static DnsServer start() {
		return start(0);
	}

	/**
	 * Start a server that knows no name yet.
	 * @param port the UDP port: 53 for the system's resolver, which only root may take
	 * @return the running server
	 */
	public static DnsServer start(int port) {
		try {
			DnsServer server = new DnsServer(new DatagramSocket(port, IpAddress.of("127.0.0.1")));
			server.thread.start();
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void serve() {
		byte[] buffer = new byte[65_535];
		while (!this.socket.isClosed()) {
			DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
			try {
				this.socket.receive(packet);
				Message query = new Message(ByteBuffer.wrap(buffer, 0, packet.getLength()));
				receive(query, packet.getSocketAddress());
			}
			catch (IOException closedOrGarbage) {
				// the loop's condition tells a close from garbage, which a DNS server
				// drops
			}
		}
	}

	private void receive(Message query, SocketAddress client) {
		Record question = query.getQuestion();
		if (question == null) {
			return;
		}
		String name = normalized(question.getName().toString());
		DnsAnswer answer = this.answers.getOrDefault(name, DnsAnswer.unknown());
		this.queries.merge(new Query(name, Type.string(question.getType())), 1, Integer::sum);
		this.changes.announce();
		Integer rcode = answer.rcode();
		if (rcode == null) {
			return;
		}
		byte[] response = response(query, rcode, answer.records()).toWire();
		answer.release().whenComplete((result, failure) -> {
			if (answer.delay().isZero()) {
				send(response, client);
			}
			else {
				CompletableFuture.delayedExecutor(answer.delay().toNanos(), TimeUnit.NANOSECONDS, Runnable::run)
					.execute(() -> send(response, client));
			}
		});
	}

	private static Message response(Message query, int rcode, List<InetAddress> addresses) {
		Record question = query.getQuestion();
		Message response = new Message(query.getHeader().getID());
		response.getHeader().setFlag(Flags.QR);
		response.getHeader().setFlag(Flags.AA);
		if (query.getHeader().getFlag(Flags.RD)) {
			response.getHeader().setFlag(Flags.RD);
			response.getHeader().setFlag(Flags.RA);
		}
		response.getHeader().setRcode(rcode);
		response.addRecord(question, Section.QUESTION);
		if (rcode == Rcode.NOERROR) {
			for (InetAddress address : addresses) {
				Record record = record(question.getName(), address);
				if (record.getType() == question.getType()) {
					response.addRecord(record, Section.ANSWER);
				}
			}
		}
		return response;
	}

	private static Record record(Name name, InetAddress address) {
		return (address instanceof Inet6Address) ? new AAAARecord(name, DClass.IN, TTL, address)
				: new ARecord(name, DClass.IN, TTL, address);
	}

	private void send(byte[] response, SocketAddress client) {
		try {
			this.socket.send(new DatagramPacket(response, response.length, client));
		}
		catch (IOException ex) {
			// the client or this server has gone: the client sees silence
		}
	}

	/**
	 * Say what to answer for a name from now on.
	 * @param name the name
	 * @param answer the answer, or silence
	 * @return this server
	 */
	public DnsServer set(String name, DnsAnswer answer) {
		this.answers.put(normalized(name), answer);
		return this;
	}

	/**
	 * Forget a name, which does not exist from now on.
	 * @param name the name
	 * @return this server
	 */
	public DnsServer remove(String name) {
		this.answers.remove(normalized(name));
		return this;
	}

	/**
	 * Return where the server listens.
	 * @return address and UDP port
	 */
	public InetSocketAddress address() {
		return (InetSocketAddress) this.socket.getLocalSocketAddress();
	}

	/**
	 * Return a resolver that asks this server.
	 * @return a client with its default timeout
	 */
	public DnsClient client() {
		return new DnsClient(address());
	}

	/**
	 * Return how often the server was asked for a name, answered or not.
	 * @param name the name
	 * @param type the record type, {@code A} or {@code AAAA}
	 * @return the number of queries
	 */
	public int queries(String name, String type) {
		return this.queries.getOrDefault(new Query(normalized(name), type), 0);
	}

	/**
	 * Wait until the server has been asked for a name, for at most 20 seconds.
	 * @param name the name
	 * @param type the record type, {@code A} or {@code AAAA}
	 * @param count how many queries to wait for, counted since the start
	 */
	public void awaitQueries(String name, String type, int count) {
		this.changes.await(() -> (queries(name, type) >= count) ? Boolean.TRUE : null,
				() -> "Expected " + count + " queries for " + name + " " + type + ", not " + queries(name, type));
	}

	private static String normalized(String name) {
		String lowerCase = name.toLowerCase(Locale.ROOT);
		return lowerCase.endsWith(".") ? lowerCase.substring(0, lowerCase.length() - 1) : lowerCase;
	}

	/**
	 * Stop answering, also what is delayed. The port is free then: the socket stays bound
	 * until no thread reads from it.
	 */
	@Override
	public void close() {
		this.socket.close();
		boolean interrupted = false;
		while (this.thread.isAlive()) {
			try {
				this.thread.join();
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private record Query(String name, String type) {
	}

}
