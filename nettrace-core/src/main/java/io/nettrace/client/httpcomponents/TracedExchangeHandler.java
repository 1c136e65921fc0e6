package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.nettrace.ConnectionInfo;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HeaderElements;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.RequestChannel;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * Tells an exchange and its connection what the I/O reactor's thread does for them.
 */
final class TracedExchangeHandler extends SessionHandler {

	private final @Nullable ExchangeTrace asking;

	private final CancellableDependency request;

	// Once it has its connection: nothing is told of one that is given none
	private @Nullable ExchangeTrace exchange;

	private final AtomicReference<@Nullable TracedSession> session = new AtomicReference<>();

	// The connection that a cancelled request was given, but has not used
	private volatile @Nullable TracedSession unclaimed;

	private @Nullable AtomicReference<@Nullable ExchangeTrace> waiting;

	private boolean headWritten;

	private boolean writing;

	private boolean responded;

	/**
	 * Create a handler.
	 * @param delegate the library's handler
	 * @param exchange the exchange, or {@code null} if only listeners are told
	 * @param request tells whether the request is cancelled
	 */
	TracedExchangeHandler(AsyncClientExchangeHandler delegate, @Nullable ExchangeTrace exchange,
			CancellableDependency request) {
		super(delegate);
		this.asking = exchange;
		this.request = request;
	}

	/**
	 * The library goes on with the connect of a cancelled request, and gives up then:
	 * perhaps when it has been sent, by the thread of the connection.
	 */
	@Override
	void boundTo(TracedSession session) {
		if (this.request.isCancelled()) {
			session.failed(Failures.cancelled());
			this.unclaimed = session;
		}
		else {
			acquire(session);
		}
	}

	private void acquire(TracedSession session) {
		ConnectionInfo found = session.acquire(this.asking);
		if (found == null) { // the library is about to fail
			return;
		}
		this.session.set(session);
		this.exchange = this.asking;
		if (this.exchange != null) {
			this.exchange.sends(found);
		}
	}

	@Override
	public void produceRequest(RequestChannel channel, HttpContext context) throws HttpException, IOException {
		TracedSession late = this.unclaimed;
		if (late != null) {
			this.unclaimed = null;
			acquire(late);
		}
		super.produceRequest((request, body, sendingContext) -> send(channel, request, body, sendingContext), context);
	}

	/**
	 * The library begins to write the body from here, too, if it need not wait.
	 */
	private void send(RequestChannel channel, HttpRequest request, @Nullable EntityDetails body, HttpContext context)
			throws HttpException, IOException {
		TracedSession current = this.session.get();
		if (current != null) {
			current.sends(request);
		}
		this.writing = body != null;
		ExchangeTrace waits = (body != null && expectsContinue(request)) ? this.exchange : null;
		if (waits != null) {
			this.waiting = new AtomicReference<>(waits);
			ContinueListener.listen(this.waiting, context);
		}
		channel.sendRequest(request, body, context);
		wroteHead();
		if (body == null) {
			wrote();
		}
		else if (waits != null) {
			waits.waitsToContinue();
		}
	}

	private static boolean expectsContinue(HttpRequest request) {
		Header expect = request.getFirstHeader(HttpHeaders.EXPECT);
		return expect != null && HeaderElements.CONTINUE.equalsIgnoreCase(expect.getValue());
	}

	private void wroteHead() {
		if (!this.headWritten) {
			this.headWritten = true;
			if (this.exchange != null) {
				this.exchange.wroteHead();
			}
		}
	}

	private void wrote() {
		this.writing = false;
		if (this.exchange != null) {
			this.exchange.wrote(null);
		}
	}

	@Override
	public void produce(DataStreamChannel channel) throws IOException {
		wroteHead();
		super.produce(new Body(channel));
	}

	/**
	 * Tells that the body has been written.
	 */
	private final class Body implements DataStreamChannel {

		private final DataStreamChannel delegate;

		Body(DataStreamChannel delegate) {
			this.delegate = delegate;
		}

		@Override
		public void requestOutput() {
			this.delegate.requestOutput();
		}

		@Override
		public int write(ByteBuffer src) throws IOException {
			return this.delegate.write(src);
		}

		@Override
		public void endStream() throws IOException {
			this.delegate.endStream();
			bodyEnds();
		}

		@Override
		public void endStream(@Nullable List<? extends Header> trailers) throws IOException {
			this.delegate.endStream(trailers);
			bodyEnds();
		}

	}

	private void bodyEnds() {
		boolean afterTheResponse = this.responded;
		wrote();
		if (afterTheResponse) {
			release();
		}
	}

	@Override
	public void consumeInformation(HttpResponse response, HttpContext context) throws HttpException, IOException {
		received(response);
		super.consumeInformation(response, context);
	}

	@Override
	public void consumeResponse(HttpResponse response, @Nullable EntityDetails body, HttpContext context)
			throws HttpException, IOException {
		TracedSession current = this.session.get();
		if (current != null) {
			current.answered(response, body);
		}
		received(response);
		if (response.getCode() >= HttpStatus.SC_REDIRECTION) {
			this.writing = false; // the library gives the body up
		}
		if (body == null) {
			completed();
		}
		super.consumeResponse(response, body, context);
	}

	private void received(HttpResponse response) {
		if (this.exchange != null) {
			this.exchange.received(response.getCode());
		}
	}

	@Override
	public void streamEnd(@Nullable List<? extends Header> trailers) throws HttpException, IOException {
		completed();
		super.streamEnd(trailers);
	}

	/**
	 * Before the library tells the application, which may send the next request then. A
	 * body that the server has not waited for is still being written.
	 */
	private void completed() {
		this.responded = true;
		if (this.exchange != null) {
			this.exchange.completed(this.writing);
		}
		if (!this.writing) {
			release();
		}
	}

	@Override
	public void failed(Exception cause) {
		tellFailure(cause);
		super.failed(cause);
	}

	@Override
	public void cancel() {
		tellFailure(Failures.cancelled());
		super.cancel();
	}

	private void tellFailure(Throwable cause) {
		TracedSession failing = this.session.get();
		if (failing != null) {
			failing.failed(cause);
			if (this.exchange != null) {
				this.exchange.failed(cause);
			}
			release();
		}
	}

	@Override
	public void releaseResources() {
		super.releaseResources();
		if (this.session.get() != null) {
			if (this.exchange != null) {
				this.exchange.abandoned();
			}
			release();
		}
	}

	private void release() {
		if (this.waiting != null) {
			this.waiting.set(null);
		}
		TracedSession released = this.session.getAndSet(null);
		if (released != null) {
			released.release();
		}
	}

}
