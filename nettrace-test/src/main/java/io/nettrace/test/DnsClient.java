package io.nettrace.test;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Address;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * A resolver that asks one DNS server over UDP, for A and AAAA at the same time, and
 * reports failures in the words of the JDK's own. No cache, no second try, no search
 * domains. Immutable; each lookup has a socket of its own and blocks its caller.
 */
public final class DnsClient {

	private static final int[] TYPES = { Type.A, Type.AAAA };

	private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

	private final InetSocketAddress server;

	private final Duration timeout;

	private final boolean ipv6First;

	/**
	 * Create a client that waits up to 5 seconds and puts IPv4 first, as the JDK does.
	 * @param server the address of the server
	 */
	public DnsClient(InetSocketAddress server) {
		this(server, DEFAULT_TIMEOUT, false);
	}

	private DnsClient(InetSocketAddress server, Duration timeout, boolean ipv6First) {
		this.server = server;
		this.timeout = timeout;
		this.ipv6First = ipv6First;
	}

	/**
	 * Return this client with another timeout.
	 * @param timeout how long a lookup may take, at least a millisecond
	 * @return the client
	 */
	public DnsClient withTimeout(Duration timeout) {
		if (timeout.toMillis() < 1) {
			throw new IllegalArgumentException("'timeout' must be at least a millisecond, not " + timeout);
		}
		return new DnsClient(this.server, timeout, this.ipv6First);
	}

	/**
	 * Return this client with IPv6 addresses before those of IPv4.
	 * @return the client
	 */
	public DnsClient withIpv6First() {
		return new DnsClient(this.server, this.timeout, true);
	}

	/**
	 * Look up a name.
	 * @param host the name, or an IP address, which is returned without a lookup
	 * @return the addresses of the first family and then those of the other, each in the
	 * server's order and with the host name as asked for
	 * @throws UnknownHostException if there is no address. The message is {@code
	 * HOST: Name or service not known} if the name does not exist, {@code HOST: No
	 * address associated with hostname} if it has no address, {@code HOST: Temporary
	 * failure in name resolution} if the server failed, and the cause is a
	 * {@link SocketTimeoutException} if it was silent
	 */
	public List<InetAddress> resolve(String host) throws UnknownHostException {
		InetAddress literal = literal(host);
		if (literal != null) {
			return List.of(literal);
		}
		List<Message> responses = ask(host);
		List<InetAddress> addresses = new ArrayList<>();
		for (Message response : responses) {
			for (Record record : response.getSection(Section.ANSWER)) {
				if (record instanceof ARecord ipv4) {
					addresses.add(named(host, ipv4.getAddress()));
				}
				else if (record instanceof AAAARecord ipv6) {
					addresses.add(named(host, ipv6.getAddress()));
				}
			}
		}
		if (addresses.isEmpty()) {
			throw new UnknownHostException(host + ": " + reason(responses));
		}
		// The sort is stable, so the order within a family stays the server's
		addresses.sort(Comparator.comparing((address) -> (address instanceof Inet6Address) != this.ipv6First));
		return addresses;
	}

	private static @Nullable InetAddress literal(String host) {
		try {
			return Address.getByAddress(host);
		}
		catch (UnknownHostException ex) {
			return null;
		}
	}

	private List<Message> ask(String host) throws UnknownHostException {
		try (DatagramSocket socket = new DatagramSocket()) {
			socket.connect(this.server);
			Name name = Name.fromString(host, Name.root);
			for (int type : TYPES) {
				Message query = Message.newQuery(Record.newRecord(name, type, DClass.IN));
				byte[] wire = query.toWire();
				socket.send(new DatagramPacket(wire, wire.length));
			}
			long deadline = System.nanoTime() + this.timeout.toNanos();
			List<Message> responses = new ArrayList<>();
			while (responses.size() < TYPES.length) {
				responses.add(receive(socket, deadline));
			}
			return responses;
		}
		catch (TextParseException notAName) {
			throw new UnknownHostException(host + ": Name or service not known");
		}
		catch (SocketTimeoutException ex) {
			throw unknownHost(host + ": no answer within " + this.timeout.toMillis() + " ms", ex);
		}
		catch (IOException ex) {
			throw unknownHost(host + ": Temporary failure in name resolution", ex);
		}
	}

	private static Message receive(DatagramSocket socket, long deadline) throws IOException {
		long millis = (deadline - System.nanoTime()) / 1_000_000;
		if (millis <= 0) {
			throw new SocketTimeoutException("Receive timed out");
		}
		socket.setSoTimeout((int) Math.min(millis, Integer.MAX_VALUE));
		byte[] buffer = new byte[65_535];
		DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
		socket.receive(packet);
		return new Message(ByteBuffer.wrap(buffer, 0, packet.getLength()));
	}

	private static InetAddress named(String host, InetAddress address) throws UnknownHostException {
		return InetAddress.getByAddress(host, address.getAddress());
	}

	private static String reason(List<Message> responses) {
		if (responses.stream().allMatch((response) -> response.getRcode() == Rcode.NOERROR)) {
			return "No address associated with hostname";
		}
		if (responses.stream().anyMatch((response) -> response.getRcode() == Rcode.NXDOMAIN)) {
			return "Name or service not known";
		}
		return "Temporary failure in name resolution";
	}

	private static UnknownHostException unknownHost(String message, IOException cause) {
		UnknownHostException failure = new UnknownHostException(message);
		failure.initCause(cause);
		return failure;
	}

}
