package io.nettrace.contract.httptrace;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

import org.jspecify.annotations.Nullable;

/**
 * Serves the scripts of a scenario, each connection on its own thread.
 */
final class ScriptedServer implements AutoCloseable {

	private static final int BACKLOG = 50;

	private static final byte[] SOCKS_SUCCEEDED = { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 };

	private final Scenario.Server script;

	private final Addresses addresses;

	private final Certificates certificates;

	private final Pause pause;

	private final boolean resumesSessions;

	private final Map<String, SSLContext> contexts = new ConcurrentHashMap<>();

	private final Set<AutoCloseable> open = ConcurrentHashMap.newKeySet();

	private final AtomicInteger accepted = new AtomicInteger();

	private volatile boolean closed;

	private ScriptedServer(Scenario.Server script, Addresses addresses, Certificates certificates, Pause pause,
			boolean resumesSessions) {
		this.script = script;
		this.addresses = addresses;
		this.certificates = certificates;
		this.pause = pause;
		this.resumesSessions = resumesSessions;
	}

	/**
	 * Start a server.
	 * @param script what it does
	 * @param addresses where it listens
	 * @param certificates its certificates
	 * @param pause its pauses
	 * @param resumesSessions whether it resumes TLS sessions
	 * @return the running server
	 */
	static ScriptedServer start(Scenario.Server script, Addresses addresses, Certificates certificates, Pause pause,
			boolean resumesSessions) throws IOException {
		ScriptedServer server = new ScriptedServer(script, addresses, certificates, pause, resumesSessions);
		try {
			for (String at : script.at()) {
				server.listen(addresses.realSocketAddress(at));
			}
			return server;
		}
		catch (Throwable ex) {
			server.close();
			throw ex;
		}
	}

	private void listen(InetSocketAddress address) throws IOException {
		ServerSocket listener = new ServerSocket();
		this.open.add(listener);
		listener.bind(address, BACKLOG);
		start("scripted-server-" + address, () -> accept(listener));
	}

	private static void start(String name, Runnable task) {
		Thread thread = new Thread(task, name);
		thread.setDaemon(true);
		thread.start();
	}

	private void accept(ServerSocket listener) {
		while (!this.closed) {
			try {
				Socket socket = listener.accept();
				this.open.add(socket);
				Scenario.Connection connection = nth(this.script.connections(), this.accepted.getAndIncrement());
				start("scripted-connection", () -> serve(socket, connection));
			}
			catch (IOException ex) {
				return;
			}
		}
	}

	private static <T> T nth(List<T> list, int index) {
		return list.get(Math.min(index, list.size() - 1));
	}

	private void serve(Socket socket, Scenario.Connection connection) {
		try (socket) {
			socket.setTcpNoDelay(true);
			new ScriptedConnection(socket).run(connection);
		}
		catch (IOException ex) {
			// The client has gone, or the script has ended
		}
		finally {
			this.open.remove(socket);
		}
	}

	@Override
	public void close() {
		this.closed = true;
		for (AutoCloseable each : this.open) {
			try {
				each.close();
			}
			catch (Exception ex) {
				// it is closed anyway
			}
		}
	}

	private SSLContext context(String certificate) {
		return this.resumesSessions
				? this.contexts.computeIfAbsent(certificate,
						(name) -> this.certificates.server(name).createSslContext())
				: this.certificates.server(certificate).createSslContext();
	}

	/**
	 * One connection. It reads no byte more than a step asks for.
	 */
	private final class ScriptedConnection {

		private final Socket transport;

		private Socket socket;

		private String head = "";

		ScriptedConnection(Socket transport) {
			this.transport = transport;
			this.socket = transport;
		}

		void run(Scenario.Connection connection) throws IOException {
			for (Scenario.Step step : connection.start()) {
				run(step);
			}
			for (int i = 0; !connection.each().isEmpty(); i++) {
				for (Scenario.Step step : nth(connection.each(), i)) {
					run(step);
				}
			}
			close();
		}

		private void run(Scenario.Step step) throws IOException {
			ScriptedServer.this.pause.millis(step.sleepMs());
			if (step.read() != null) {
				read(step.read());
			}
			if (step.send() != null) {
				send(ScriptedServer.this.addresses.realMessage(step.send()).getBytes(StandardCharsets.UTF_8));
			}
			if (step.sendBase64() != null) {
				send(Base64.getDecoder().decode(step.sendBase64()));
			}
			if (step.tls() != null) {
				handshake(step.tls());
			}
			if (step.ending() != null) {
				end(step.ending());
			}
		}

		private void send(byte[] bytes) throws IOException {
			OutputStream out = this.socket.getOutputStream();
			out.write(bytes);
			out.flush();
		}

		private void read(Scenario.Read what) throws IOException {
			switch (what) {
				case HEAD -> readHead();
				case BODY -> readBody();
				case REQUEST -> {
					readHead();
					readBody();
				}
				case SOCKS -> answerSocks();
			}
		}

		private void readHead() throws IOException {
			StringBuilder text = new StringBuilder();
			do {
				String line = readLine();
				text.append(line).append('\n');
				if (line.isEmpty()) {
					this.head = text.toString().toLowerCase(Locale.ROOT);
					return;
				}
			}
			while (true);
		}

		private String readLine() throws IOException {
			InputStream in = this.socket.getInputStream();
			StringBuilder line = new StringBuilder();
			for (int next = in.read(); next != '\n'; next = in.read()) {
				if (next < 0) {
					throw new EOFException();
				}
				line.append((char) next);
			}
			return line.toString().stripTrailing();
		}

		private void readBody() throws IOException {
			InputStream in = this.socket.getInputStream();
			if (headerField("transfer-encoding") != null) {
				int size;
				do {
					size = Integer.parseInt(readLine().replaceFirst(";.*", "").strip(), 16);
					in.skipNBytes(size);
					readLine();
				}
				while (size > 0);
				return;
			}
			String length = headerField("content-length");
			in.skipNBytes((length != null) ? Long.parseLong(length) : 0);
		}

		private @Nullable String headerField(String lowerCaseName) {
			return this.head.lines()
				.filter((line) -> line.startsWith(lowerCaseName + ":"))
				.findFirst()
				.map((line) -> line.substring(lowerCaseName.length() + 1).strip())
				.orElse(null);
		}

		/**
		 * RFC 1928, without authentication. The script goes on in place of the target.
		 */
		private void answerSocks() throws IOException {
			DataInputStream in = new DataInputStream(this.socket.getInputStream());
			in.readUnsignedByte();
			in.readFully(new byte[in.readUnsignedByte()]);
			send(new byte[] { 5, 0 });
			in.readFully(new byte[3]);
			int length = switch (in.readUnsignedByte()) {
				case 1 -> 4;
				case 4 -> 16;
				default -> in.readUnsignedByte();
			};
			in.readFully(new byte[length + 2]);
			send(SOCKS_SUCCEEDED);
		}

		private void handshake(Scenario.Tls tls) throws IOException {
			SSLSocket secure = (SSLSocket) context(tls.certificate()).getSocketFactory()
				.createSocket(this.socket, null, this.socket.getPort(), false);
			secure.setUseClientMode(false);
			SSLParameters parameters = secure.getSSLParameters();
			parameters.setProtocols(Scenario.TlsVersion.protocols(null, tls.max()));
			parameters.setApplicationProtocols(tls.alpn().toArray(String[]::new));
			parameters.setNeedClientAuth(tls.requiresClientCertificate());
			secure.setSSLParameters(parameters);
			try {
				secure.startHandshake();
			}
			catch (SSLException ex) {
				drain(); // so that a reset does not lose the alert
				throw ex;
			}
			this.socket = secure;
		}

		private void drain() throws IOException {
			this.transport.getInputStream().transferTo(OutputStream.nullOutputStream());
		}

		private void end(Scenario.Ending ending) throws IOException {
			switch (ending) {
				case CLOSE -> close();
				case RESET -> reset();
				case HOLD -> {
					this.socket.getInputStream().transferTo(OutputStream.nullOutputStream());
					this.socket.close();
				}
			}
			throw new SocketException("The script has ended");
		}

		/**
		 * As close(2) does: what has not been read makes it a reset. The JDK would shut
		 * down the output before.
		 */
		private void close() throws IOException {
			if (this.transport.getInputStream().available() > 0) {
				reset();
			}
			else {
				this.socket.close();
			}
		}

		private void reset() throws IOException {
			this.transport.setSoLinger(true, 0);
			this.transport.close();
		}

	}

}
