package io.nettrace.test;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * A DNS server on a port of 127.0.0.1, over UDP and TCP, inside this process. It answers
 * queries for A and AAAA records with a time to live of 0, each as {@link DnsAnswer}
 * says, and unknown names with NXDOMAIN. A slow answer does not delay others. Names match
 * without regard to case and trailing dot. It may be changed while it runs, by any
 * thread.
 */
public final class DnsServer implements AutoCloseable {

	private static final int TTL = 0;

	private static final int TCP_TIMEOUT_MILLIS = 2_000;

	private static final InetAddress LOOPBACK = IpAddress.of("127.0.0.1");

	private final DatagramSocket socket;

	private final ServerSocket tcp;

	// By name, and by name and type
	private final Map<String, DnsAnswer> answers = new ConcurrentHashMap<>();

	private final List<String> received = new CopyOnWriteArrayList<>();

	private final Map<Query, Integer> queries = new ConcurrentHashMap<>();

	private final Changes changes = new Changes();

	private final Thread thread = new Thread(this::serve, "dns-server");

	private final Thread tcpThread = new Thread(this::serveTcp, "dns-server-tcp");

	private DnsServer(DatagramSocket socket, ServerSocket tcp) {
		this.socket = socket;
		this.tcp = tcp;
		this.thread.setDaemon(true);
		this.tcpThread.setDaemon(true);
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
			ServerSocket tcp = new ServerSocket(port, 0, LOOPBACK);
			DatagramSocket udp = udp(tcp);
			while (udp == null && port == 0) {
				tcp = new ServerSocket(0, 0, LOOPBACK); // another process has the port
				udp = udp(tcp);
			}
			if (udp == null) {
				throw new BindException("UDP port " + port + " is in use");
			}
			DnsServer server = new DnsServer(udp, tcp);
			server.thread.start();
			server.tcpThread.start();
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static @Nullable DatagramSocket udp(ServerSocket tcp) throws IOException {
		try {
			return new DatagramSocket(tcp.getLocalPort(), LOOPBACK);
		}
		catch (BindException ex) {
			tcp.close();
			return null;
		}
	}

	private void serve() {
		byte[] buffer = new byte[65_535];
		while (!this.socket.isClosed()) {
			DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
			try {
				this.socket.receive(packet);
				Message query = new Message(ByteBuffer.wrap(buffer, 0, packet.getLength()));
				SocketAddress client = packet.getSocketAddress();
				receive(query, false,
						(response) -> this.socket.send(new DatagramPacket(response, response.length, client)));
			}
			catch (IOException closedOrGarbage) {
				// the loop's condition tells a close from garbage, which a DNS server
				// drops
			}
		}
	}

	/**
	 * One query for each connection, as Netty and glibc do.
	 */
	private void serveTcp() {
		while (!this.tcp.isClosed()) {
			try (Socket client = this.tcp.accept()) {
				client.setSoTimeout(TCP_TIMEOUT_MILLIS);
				DataInputStream in = new DataInputStream(client.getInputStream());
				byte[] wire = new byte[in.readUnsignedShort()];
				in.readFully(wire);
				receive(new Message(wire), true, (response) -> {
					DataOutputStream out = new DataOutputStream(client.getOutputStream());
					out.writeShort(response.length);
					out.write(response);
				});
			}
			catch (IOException closedOrGarbage) {
				// as for UDP
			}
		}
	}

	/**
	 * Takes an answer to the client.
	 */
	private interface Reply {

		void send(byte[] response) throws IOException;

	}

	private void receive(Message query, boolean tcp, Reply reply) {
		Record question = query.getQuestion();
		if (question == null) {
			return;
		}
		String name = normalized(question.getName().toString());
		String type = Type.string(question.getType());
		DnsAnswer ofName = this.answers.getOrDefault(name, DnsAnswer.unknown());
		DnsAnswer answer = this.answers.getOrDefault(key(name, type), ofName);
		this.queries.merge(new Query(name, type), 1, Integer::sum);
		this.received.add(type + " " + name + (tcp ? " over TCP" : ""));
		this.changes.announce();
		Integer rcode = answer.rcode();
		if (rcode == null) {
			return;
		}
		byte[] response = response(query, rcode, answer, answer.isTruncated() && !tcp).toWire();
		answer.release().whenComplete((result, failure) -> {
			if (answer.delay().isZero()) {
				send(response, reply);
			}
			else {
				CompletableFuture.delayedExecutor(answer.delay().toNanos(), TimeUnit.NANOSECONDS, Runnable::run)
					.execute(() -> send(response, reply));
			}
		});
	}

	private static Message response(Message query, int rcode, DnsAnswer answer, boolean truncated) {
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
		if (truncated) {
			response.getHeader().setFlag(Flags.TC);
			return response;
		}
		if (answer.alias() != null) {
			response.addRecord(new CNAMERecord(question.getName(), DClass.IN, TTL, name(answer.alias())),
					Section.ANSWER);
		}
		for (InetAddress address : answer.records()) {
			Record record = record(question.getName(), address);
			if (record.getType() == question.getType()) {
				response.addRecord(record, Section.ANSWER);
			}
		}
		return response;
	}

	private static Name name(String text) {
		try {
			return Name.fromString(text, Name.root);
		}
		catch (TextParseException ex) {
			throw new IllegalArgumentException("'" + text + "' must be a domain name", ex);
		}
	}

	private static Record record(Name name, InetAddress address) {
		return (address instanceof Inet6Address) ? new AAAARecord(name, DClass.IN, TTL, address)
				: new ARecord(name, DClass.IN, TTL, address);
	}

	private static void send(byte[] response, Reply reply) {
		try {
			reply.send(response);
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
	 * Say what to answer for the records of one type from now on.
	 * @param name the name
	 * @param type the record type, {@code A} or {@code AAAA}
	 * @param answer the answer, or silence
	 * @return this server
	 */
	public DnsServer set(String name, String type, DnsAnswer answer) {
		this.answers.put(key(normalized(name), type), answer);
		return this;
	}

	private static String key(String name, String type) {
		return name + " " + type;
	}

	/**
	 * Forget a name, which does not exist from now on.
	 * @param name the name
	 * @return this server
	 */
	public DnsServer remove(String name) {
		this.answers.keySet().removeIf((key) -> (key + " ").startsWith(normalized(name) + " "));
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
	 * Return what the server was asked for, answered or not.
	 * @return the queries in their order, {@code A api.test} for one, with
	 * {@code over TCP} behind those that did not come over UDP
	 */
	public List<String> received() {
		return List.copyOf(this.received);
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
		try {
			this.tcp.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		boolean interrupted = false;
		while (this.thread.isAlive() || this.tcpThread.isAlive()) {
			try {
				this.thread.join();
				this.tcpThread.join();
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
