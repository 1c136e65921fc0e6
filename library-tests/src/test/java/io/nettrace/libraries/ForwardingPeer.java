package io.nettrace.libraries;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/**
 * A way to a server on another port, without TLS.
 */
class ForwardingPeer extends SocketPeer {

	private final int serverPort;

	/**
	 * Create a peer.
	 * @param serverPort where the server listens on 127.0.0.1
	 */
	ForwardingPeer(int serverPort) {
		this.serverPort = serverPort;
	}

	@Override
	void serve(InputStream in, OutputStream out) throws IOException {
		try (Socket server = new Socket("127.0.0.1", this.serverPort)) {
			inBackground(() -> {
				try (out) { // ends the client's connection
					server.getInputStream().transferTo(out);
				}
			});
			in.transferTo(server.getOutputStream());
		}
	}

}
