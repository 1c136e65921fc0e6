package io.nettrace.equality;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * Accepts a WebSocket, sends each message back, and closes when it is asked to (RFC
 * 6455). Messages are short.
 */
final class WebSocketConversation implements Conversation {

	private static final String KEY = "Sec-WebSocket-Key: ";

	private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

	private static final int CLOSE = 8;

	@Override
	public void on(Connection connection) throws IOException {
		String head = HttpConversation.readHead(connection.in());
		if (head == null) {
			return;
		}
		String key = "";
		for (String line : head.strip().lines().toList()) {
			if (line.startsWith(KEY)) {
				key = line.substring(KEY.length()); // by chance
			}
			else {
				connection.record(line);
			}
		}
		write(connection, ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
				+ "Sec-WebSocket-Accept: " + accept(key) + "\r\n\r\n")
			.getBytes(StandardCharsets.ISO_8859_1));
		int opcode = 0;
		while (opcode != CLOSE) {
			byte[] begin = connection.in().readNBytes(6);
			if (begin.length < 6) {
				connection.record("the connection ends");
				return;
			}
			opcode = begin[0] & 0x0f;
			byte[] payload = connection.in().readNBytes(begin[1] & 0x7f);
			for (int i = 0; i < payload.length; i++) {
				payload[i] ^= begin[2 + i % 4];
			}
			connection.record("frame " + opcode + " " + Outcomes.text(payload));
			write(connection, new byte[] { begin[0], (byte) payload.length });
			write(connection, payload);
		}
		connection.end();
	}

	private static void write(Connection connection, byte[] bytes) throws IOException {
		connection.out().write(bytes);
		connection.out().flush();
	}

	private static String accept(String key) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-1")
				.digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
			return Base64.getEncoder().encodeToString(digest);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
