package io.nettrace.libraries;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import org.bson.BsonBinaryReader;
import org.bson.BsonBinaryWriter;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.DecoderContext;
import org.bson.codecs.EncoderContext;
import org.bson.io.BasicOutputBuffer;

/**
 * As much of MongoDB's protocol as its drivers need to run a command that has no answer
 * but that it was done. It counts connections that run commands, not those with which
 * drivers watch it.
 */
final class MongoPeer extends SocketPeer {

	private static final int OP_REPLY = 1;

	private static final int OP_QUERY = 2004;

	private static final int OP_MSG = 2013;

	private static final BsonDocumentCodec CODEC = new BsonDocumentCodec();

	static MongoPeer start() {
		MongoPeer peer = new MongoPeer();
		peer.accept();
		return peer;
	}

	@Override
	void accepted() {
		// not counted before it runs a command
	}

	@Override
	void serve(InputStream in, OutputStream out) throws IOException {
		boolean counted = false;
		DataInputStream messages = new DataInputStream(in);
		while (true) {
			Message message = Message.read(messages);
			String command = message.document().getFirstKey();
			if (!isHello(command) && !counted) {
				counted = true;
				count();
			}
			out.write(message.answer(isHello(command) ? hello() : done()));
		}
	}

	private static boolean isHello(String command) {
		return command.equals("hello") || command.equalsIgnoreCase("isMaster");
	}

	private static BsonDocument hello() {
		return done().append("helloOk", BsonBoolean.TRUE)
			.append("ismaster", BsonBoolean.TRUE)
			.append("isWritablePrimary", BsonBoolean.TRUE)
			.append("maxBsonObjectSize", new BsonInt32(16_777_216))
			.append("maxMessageSizeBytes", new BsonInt32(48_000_000))
			.append("maxWriteBatchSize", new BsonInt32(100_000))
			.append("localTime", new BsonDateTime(System.currentTimeMillis()))
			.append("minWireVersion", new BsonInt32(0))
			.append("maxWireVersion", new BsonInt32(21))
			.append("readOnly", BsonBoolean.FALSE);
	}

	private static BsonDocument done() {
		return new BsonDocument("ok", new BsonDouble(1));
	}

	/**
	 * A command: a driver sends the first one of a connection in the old form.
	 */
	private record Message(int id, int code, BsonDocument document) {

		static Message read(DataInputStream in) throws IOException {
			ByteBuffer header = read(in, 16);
			int length = header.getInt();
			int id = header.getInt();
			header.getInt();
			int code = header.getInt();
			ByteBuffer body = read(in, length - 16);
			body.getInt(); // flags
			if (code == OP_QUERY) {
				skipText(body); // the collection
				body.getLong(); // how many
			}
			else if (code == OP_MSG) {
				body.get(); // the kind of section
			}
			else {
				throw new EOFException("OP " + code);
			}
			return new Message(id, code, CODEC.decode(new BsonBinaryReader(body.slice().order(ByteOrder.LITTLE_ENDIAN)),
					DecoderContext.builder().build()));
		}

		private static ByteBuffer read(DataInputStream in, int length) throws IOException {
			byte[] bytes = new byte[length];
			in.readFully(bytes);
			return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
		}

		private static void skipText(ByteBuffer body) {
			byte next = body.get();
			while (next != 0) {
				next = body.get();
			}
		}

		byte[] answer(BsonDocument answer) {
			BasicOutputBuffer encoded = new BasicOutputBuffer();
			CODEC.encode(new BsonBinaryWriter(encoded), answer, EncoderContext.builder().build());
			byte[] bytes = encoded.toByteArray();
			int more = (this.code == OP_QUERY) ? 20 : 5;
			ByteBuffer message = ByteBuffer.allocate(16 + more + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
			message.putInt(message.capacity())
				.putInt(0)
				.putInt(this.id)
				.putInt((this.code == OP_QUERY) ? OP_REPLY : OP_MSG)
				.putInt(0);
			if (this.code == OP_QUERY) {
				message.putLong(0).putInt(0).putInt(1);
			}
			else {
				message.put((byte) 0);
			}
			return message.put(bytes).array();
		}

	}

}
