package io.nettrace.client.httpcomponents;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.impl.io.ChunkedInputStream;
import org.apache.hc.core5.http.impl.io.SessionInputBufferImpl;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.jspecify.annotations.Nullable;

/**
 * The body of a response, which tells why it cannot be read. The library passes the
 * exception on to the application alone.
 */
final class TracedBody extends HttpEntityWrapper {

	private final HttpEntity body;

	private final TracedConnection connection;

	private @Nullable InputStream content;

	private @Nullable InputStream traced;

	/**
	 * Create a body.
	 * @param body the body as the connection has it
	 * @param connection is told of the exception before the library closes it
	 */
	TracedBody(HttpEntity body, TracedConnection connection) {
		super(body);
		this.body = body;
		this.connection = connection;
	}

	@Override
	public InputStream getContent() throws IOException {
		InputStream content = super.getContent();
		InputStream traced = this.traced;
		if (traced == null || content != this.content) { // Spring asks again to close it
			traced = (content instanceof ChunkedInputStream chunks) ? new Chunks(chunks, this.connection)
					: new Content(content, this.connection);
			this.content = content;
			this.traced = traced;
		}
		return traced;
	}

	@Override
	public void writeTo(OutputStream out) throws IOException {
		AbstractHttpEntity.writeTo(this, out);
	}

	@Override
	public String toString() {
		return this.body.toString();
	}

	private static final class Content extends FilterInputStream {

		private final TracedConnection connection;

		Content(InputStream content, TracedConnection connection) {
			super(content);
			this.connection = connection;
		}

		@Override
		public int read() throws IOException {
			try {
				return this.in.read();
			}
			catch (IOException ex) {
				this.connection.failedToRead(ex);
				throw ex;
			}
		}

		@Override
		public int read(byte[] buffer, int offset, int length) throws IOException {
			try {
				return this.in.read(buffer, offset, length);
			}
			catch (IOException ex) {
				this.connection.failedToRead(ex);
				throw ex;
			}
		}

		/**
		 * Reads the rest.
		 */
		@Override
		public void close() throws IOException {
			try {
				this.in.close();
			}
			catch (IOException ex) {
				this.connection.failedToRead(ex);
				throw ex;
			}
		}

	}

	/**
	 * The library looks for trailers only if the body is of this class. What it inherits
	 * is not used.
	 */
	private static final class Chunks extends ChunkedInputStream {

		private static final SessionInputBufferImpl UNUSED = new SessionInputBufferImpl(1);

		private final ChunkedInputStream chunks;

		private final Content content;

		Chunks(ChunkedInputStream chunks, TracedConnection connection) {
			super(UNUSED, chunks);
			this.chunks = chunks;
			this.content = new Content(chunks, connection);
		}

		@Override
		public int available() throws IOException {
			return this.content.available();
		}

		@Override
		public int read() throws IOException {
			return this.content.read();
		}

		@Override
		public int read(byte[] buffer, int offset, int length) throws IOException {
			return this.content.read(buffer, offset, length);
		}

		@Override
		public void close() throws IOException {
			this.content.close();
		}

		@Override
		public Header @Nullable [] getFooters() {
			return this.chunks.getFooters();
		}

	}

}
