package io.nettrace.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Speaks HTTP/1.1 by hand: on each connection the first request gets the first response,
 * and so on; when there are no more, it reads the request and hangs up.
 */
final class CannedServer extends SocketServer {

	private final List<String> responses;

	private CannedServer(ServerSocket listener, List<String> responses) {
		super(listener);
		this.responses = responses;
	}

	/**
	 * Start a server on a free port.
	 * @param literal the address in text form
	 * @param statuses status code and reason of each response
	 * @return the running server
	 */
	static CannedServer start(String literal, String... statuses) {
		List<String> responses = List.of(statuses)
			.stream()
			.map((status) -> "HTTP/1.1 " + status + "\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello")
			.toList();
		return started(new CannedServer(listen(literal), responses));
	}

	@Override
	void serve(Socket socket) throws IOException {
		BufferedReader requests = new BufferedReader(
				new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
		for (String response : this.responses) {
			if (!readRequest(requests)) {
				return;
			}
			socket.getOutputStream().write(response.getBytes(StandardCharsets.ISO_8859_1));
		}
		readRequest(requests);
	}

	/**
	 * Read a request without a body.
	 * @return {@code false} if the client has hung up
	 */
	private static boolean readRequest(BufferedReader requests) throws IOException {
		String line = requests.readLine();
		while (line != null && !line.isEmpty()) {
			line = requests.readLine();
		}
		return line != null;
	}

}
