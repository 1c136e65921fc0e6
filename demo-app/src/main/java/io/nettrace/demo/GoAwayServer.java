package io.nettrace.demo;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;

/**
 * Speaks HTTP/2 by hand (RFC 9113), as far as a client needs that knows so in advance: on
 * each connection the first request gets a response, the second a {@code GOAWAY}.
 */
final class GoAwayServer extends SocketServer {

	private static final int PREFACE = 24;

	private static final int FRAME_HEAD = 9;

	private static final int HEADERS = 1;

	private static final int SETTINGS = 4;

	private static final int GOAWAY = 7;

	private static final int ACK = 1;

	private static final int END_STREAM_AND_HEADERS = 5;

	/**
	 * {@code :status: 200} in the static table of RFC 7541, as an indexed field.
	 */
	private static final byte[] STATUS_200 = { (byte) 0x88 };

	private static final int ENHANCE_YOUR_CALM = 0xb;

	private GoAwayServer(ServerSocket listener) {
		super(listener);
	}

	static GoAwayServer start(String literal) {
		return started(new GoAwayServer(listen(literal)));
	}

	@Override
	void serve(Socket socket) throws IOException {
		DataInputStream in = new DataInputStream(socket.getInputStream());
		OutputStream out = socket.getOutputStream();
		in.readFully(new byte[PREFACE]);
		out.write(frame(SETTINGS, 0, 0, new byte[0]));
		int answered = 0;
		while (true) {
			int lengthAndType = in.readInt();
			int type = lengthAndType & 0xff;
			int flags = in.readUnsignedByte();
			int stream = in.readInt();
			in.readFully(new byte[lengthAndType >>> 8]);
			if (type == SETTINGS && flags != ACK) {
				out.write(frame(SETTINGS, ACK, 0, new byte[0]));
			}
			else if (type == HEADERS && answered == 0) {
				answered = stream;
				out.write(frame(HEADERS, END_STREAM_AND_HEADERS, stream, STATUS_200));
			}
			else if (type == HEADERS) {
				out.write(
						frame(GOAWAY, 0, 0, ByteBuffer.allocate(8).putInt(answered).putInt(ENHANCE_YOUR_CALM).array()));
				return;
			}
		}
	}

	private static byte[] frame(int type, int flags, int stream, byte[] payload) {
		return ByteBuffer.allocate(FRAME_HEAD + payload.length)
			.putInt(payload.length << 8 | type)
			.put((byte) flags)
			.putInt(stream)
			.put(payload)
			.array();
	}

}
