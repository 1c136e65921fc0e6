package io.nettrace.test;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A SOCKS 5 proxy (RFC 1928) on 127.0.0.1 without authentication, for CONNECT only. It
 * records the targets that it is asked to connect to.
 */
public final class SocksProxy implements AutoCloseable {

	private static final int VERSION = 5;

	private static final int CONNECT = 1;

	private static final int IPV4 = 1;

	private static final int NAME = 3;

	private static final int IPV6 = 4;

	private static final int SUCCEEDED = 0;

	private static final int CONNECTION_REFUSED = 5;

	private static final int COMMAND_NOT_SUPPORTED = 7;

	private final ServerSocket listener;

	private final Queue<InetSocketAddress> connects = new ConcurrentLinkedQueue<>();

	private final Set<Socket> open = ConcurrentHashMap.newKeySet();

	private SocksProxy(ServerSocket listener) {
		this.listener = listener;
	}

	/**
	 * Start a proxy on a free port.
	 * @return the running proxy
	 */
	public static SocksProxy start() {
		try {
			SocksProxy proxy = new SocksProxy(new ServerSocket(0, 50, IpAddress.of("127.0.0.1")));
			proxy.run(proxy::accept);
			return proxy;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void run(Runnable task) {
		Thread thread = new Thread(task, "socks-proxy");
		thread.setDaemon(true);
		thread.start();
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				Socket client = this.listener.accept();
				this.open.add(client);
				run(() -> serve(client));
			}
			catch (IOException closed) {
				// The loop ends
			}
		}
	}

	private void serve(Socket client) {
		try (client) {
			DataInputStream in = new DataInputStream(client.getInputStream());
			OutputStream out = client.getOutputStream();
			in.readUnsignedByte();
			in.readFully(new byte[in.readUnsignedByte()]);
			out.write(new byte[] { VERSION, 0 });
			in.readUnsignedByte();
			int command = in.readUnsignedByte();
			in.readUnsignedByte();
			InetSocketAddress target = target(in);
			if (command != CONNECT) {
				reply(out, COMMAND_NOT_SUPPORTED);
				return;
			}
			this.connects.add(target);
			tunnel(client, target);
		}
		catch (IOException ex) {
			// One side has gone
		}
		finally {
			this.open.remove(client);
		}
	}

	private static InetSocketAddress target(DataInputStream in) throws IOException {
		int type = in.readUnsignedByte();
		byte[] address = new byte[switch (type) {
			case IPV4 -> 4;
			case IPV6 -> 16;
			case NAME -> in.readUnsignedByte();
			default -> throw new IOException("Unknown address type " + type);
		}];
		in.readFully(address);
		int port = in.readUnsignedShort();
		return (type == NAME) ? InetSocketAddress.createUnresolved(new String(address, StandardCharsets.US_ASCII), port)
				: new InetSocketAddress(InetAddress.getByAddress(address), port);
	}

	private void tunnel(Socket client, InetSocketAddress target) throws IOException {
		try (Socket server = new Socket()) {
			this.open.add(server);
			OutputStream out = client.getOutputStream();
			try {
				server.connect(target.isUnresolved() ? new InetSocketAddress(target.getHostString(), target.getPort())
						: target);
			}
			catch (IOException ex) {
				reply(out, CONNECTION_REFUSED);
				return;
			}
			reply(out, SUCCEEDED);
			run(() -> copy(server, client));
			copy(client, server);
			this.open.remove(server);
		}
	}

	private static void reply(OutputStream out, int code) throws IOException {
		out.write(new byte[] { VERSION, (byte) code, 0, IPV4, 0, 0, 0, 0, 0, 0 });
	}

	private static void copy(Socket from, Socket to) {
		try (from; to; InputStream in = from.getInputStream()) {
			in.transferTo(to.getOutputStream());
		}
		catch (IOException ex) {
			// One side has gone, now the other goes too
		}
	}

	/**
	 * Return where the proxy listens.
	 * @return address and port
	 */
	public InetSocketAddress address() {
		return (InetSocketAddress) this.listener.getLocalSocketAddress();
	}

	/**
	 * Return what the proxy was asked to connect to, whether that succeeded or not.
	 * @return the targets in the order of the requests; unresolved if asked by name
	 */
	public List<InetSocketAddress> connects() {
		return List.copyOf(this.connects);
	}

	/**
	 * Stop listening and close every connection.
	 */
	@Override
	public void close() {
		try {
			this.listener.close();
			for (Socket socket : this.open) {
				socket.close();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
