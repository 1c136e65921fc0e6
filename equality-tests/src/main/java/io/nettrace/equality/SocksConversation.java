package io.nettrace.equality;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A SOCKS 5 proxy without authentication that always connects to the same server.
 */
final class SocksConversation implements Conversation {

	private final InetSocketAddress target;

	SocksConversation(InetSocketAddress target) {
		this.target = target;
	}

	@Override
	public void on(Connection connection) throws IOException {
		InputStream in = connection.in();
		byte[] greeting = in.readNBytes(2);
		if (greeting.length < 2) {
			return;
		}
		connection.record(
				"SOCKS " + HexFormat.of().formatHex(greeting) + HexFormat.of().formatHex(in.readNBytes(greeting[1])));
		connection.out().write(new byte[] { 5, 0 });
		connection.out().flush();
		byte[] request = in.readNBytes(4);
		if (request.length < 4) {
			return;
		}
		byte[] host = switch (request[3]) {
			case 1 -> in.readNBytes(4);
			case 4 -> in.readNBytes(16);
			default -> in.readNBytes(in.read());
		};
		in.readNBytes(2);
		connection.record("SOCKS " + HexFormat.of().formatHex(request) + " "
				+ ((request[3] == 3) ? new String(host, StandardCharsets.US_ASCII) : HexFormat.of().formatHex(host)));
		connection.out().write(new byte[] { 5, 0, 0, 1, 127, 0, 0, 1, 0, 0 });
		connection.out().flush();
		connection.tunnel(this.target);
	}

}
