package io.nettrace.client.reactor;

import java.io.EOFException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CancellationException;

import io.nettrace.CloseInfo;
import io.nettrace.CloseInfo.Side;
import io.nettrace.CloseReason;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.PutIdleInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.WroteRequestInfo;
import io.nettrace.instrument.NetTracing;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.TimeoutException;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;

/**
 * Fires the hooks of one exchange. Its {@link ExchangeHandler} shows it the messages of
 * this exchange: those of a redirect too, of which the library tells nothing. Everything
 * runs on the event loop.
 */
final class ReactorExchange extends ChannelEnd {

	private final ReactorConnection connection;

	private final Connection operations;

	// The library takes it away from the operations once the pool has it back
	private final Channel channel;

	private final Acquisition acquisition;

	private final NetTrace hooks;

	// null until the connection stands
	private @Nullable ConnectionInfo info;

	private boolean expectsContinue;

	private boolean writesHead;

	private boolean wroteHeaders;

	private boolean wroteRequest;

	private boolean gotFirstByte;

	private boolean responded;

	// Which side ends the connection with this exchange
	private @Nullable Side notKeptBy;

	private int status;

	private boolean upgraded;

	private ReactorExchange(ReactorConnection connection, Connection operations, Acquisition acquisition) {
		this.connection = connection;
		this.operations = operations;
		this.channel = operations.channel();
		this.acquisition = acquisition;
		this.hooks = acquisition.hooks();
	}

	/**
	 * An exchange has got its connection, and is about to be written.
	 * @param connection the connection
	 * @param operations what the library calls a connection: the exchange on it
	 * @param acquisition what has led to it
	 */
	static void begin(ReactorConnection connection, Connection operations, Acquisition acquisition) {
		Channel channel = operations.channel();
		if (!channel.isActive()) {
			connection.isGone(channel);
			return;
		}
		ExchangeHandler handler = ExchangeHandler.on(channel);
		if (handler == null) {
			connection.count();
			return;
		}
		ReactorExchange exchange = new ReactorExchange(connection, operations, acquisition);
		acquisition.leadsTo(exchange);
		handler.serve(exchange);
		connection.serve(exchange);
	}

	/**
	 * The connection stands. If a proxy had to be asked, the head of the request is
	 * written, and waits for its answer.
	 */
	void gotConnection() {
		ConnectionInfo got = this.connection.acquire(this.channel, this.acquisition.askedAt());
		this.info = got;
		if (got == null) {
			return; // it has just been closed
		}
		this.hooks.gotConn(got);
		if (this.wroteHeaders) {
			this.hooks.wroteHeaders(got);
		}
	}

	/**
	 * Whether this is the exchange that the library calls a connection.
	 */
	boolean isOn(Connection operations) {
		return this.operations == operations;
	}

	/**
	 * The pool keeps a connection that can be used again. Of one that either side wants
	 * closed there is no such hook (Go).
	 */
	void putIdle() {
		ConnectionInfo got = this.info;
		if (got != null && this.responded && failure() == null && this.wroteRequest && this.notKeptBy == null
				&& NetTracing.watches(this.hooks, Hook.PUT_IDLE_CONN)) {
			this.hooks.putIdleConn(new PutIdleInfo(got, null));
		}
	}

	/**
	 * A message is about to be written.
	 * @param promise told what becomes of it
	 * @return what to write it with
	 */
	ChannelPromise writes(Object message, ChannelPromise promise) {
		boolean head = message instanceof HttpRequest && !this.wroteHeaders;
		if (message instanceof HttpRequest request && head) {
			this.expectsContinue = HttpUtil.is100ContinueExpected(request);
			this.notKeptBy = HttpUtil.isKeepAlive(request) ? null : Side.CLIENT;
			this.writesHead = true;
		}
		ChannelPromise written = promise;
		if (!this.wroteRequest) {
			written = promise.unvoid();
			written.addListener((message instanceof LastHttpContent) ? this::wroteLast : this::wrotePart);
		}
		return written;
	}

	/**
	 * The head is on its way. What becomes of it, or of the channel, may be told before
	 * the call that writes it returns.
	 */
	void wroteHead() {
		if (this.writesHead && !this.wroteHeaders) {
			this.wroteHeaders = true;
			if (this.info != null) {
				this.hooks.wroteHeaders(this.info);
			}
		}
	}

	private void wroteLast(Future<?> end) {
		wroteHead();
		written((end.cause() != null) ? explain(end.cause()) : null);
	}

	/**
	 * Of what has failed, Netty says what it was here alone.
	 */
	private void wrotePart(Future<?> end) {
		if (end.cause() != null && !(end.cause() instanceof ClosedChannelException)) {
			failed(end.cause());
		}
	}

	private void written(@Nullable Throwable error) {
		if (this.info != null && !this.wroteRequest) {
			this.wroteRequest = true;
			failed(error);
			this.hooks.wroteRequest(new WroteRequestInfo(this.info, error));
		}
	}

	/**
	 * A message has been read.
	 */
	void read(Object message) {
		if (message instanceof HttpResponse response && this.status == 0 && this.info != null) {
			gotHead(response, this.info);
		}
		if (message instanceof LastHttpContent last && this.status != 0) {
			respond(last.decoderResult().cause());
		}
	}

	private void gotHead(HttpResponse response, ConnectionInfo got) {
		int code = response.status().code();
		if (!this.gotFirstByte) {
			this.gotFirstByte = true;
			this.hooks.gotFirstResponseByte(got);
		}
		if (HttpStatusClass.valueOf(code) == HttpStatusClass.INFORMATIONAL && code != 101) {
			if (code == 100 && this.expectsContinue) {
				this.expectsContinue = false;
				this.hooks.got100Continue(got);
			}
			this.hooks.got1xxResponse(new InterimResponse(got, code));
			return;
		}
		this.status = code;
		if (this.notKeptBy == null && !HttpUtil.isKeepAlive(response)) {
			this.notKeptBy = Side.PEER;
		}
		this.acquisition.exchangeEnded(redirect(response));
	}

	/**
	 * Return where a response leads to, if the library follows it.
	 */
	private @Nullable ConnectionTarget redirect(HttpResponse response) {
		String location = response.headers().get(HttpHeaderNames.LOCATION);
		boolean absolute = location != null && this.status / 100 == 3 && location.contains("://");
		return absolute ? ReactorRequest.target(location) : null;
	}

	private void respond(@Nullable Throwable error) {
		if (this.info != null && !this.responded) {
			this.responded = true;
			failed(error);
			if (this.notKeptBy != null) {
				closesBecause(CloseInfo.notKept(this.notKeptBy));
			}
			this.hooks.responseDone(new ResponseInfo(this.info, this.status, error, this.connection.goAway()));
		}
	}

	/**
	 * The response to a request that is upgraded to HTTP/2 comes on a stream of its own,
	 * where it is not seen.
	 */
	void upgraded() {
		this.upgraded = true;
	}

	/**
	 * Something has gone wrong on the channel.
	 */
	void channelFails(Throwable cause) {
		this.acquisition.exchangeEnded(null);
		failed(cause);
	}

	/**
	 * The channel is closed. After a {@code GOAWAY} the exchange is told of its end here,
	 * before the library tells the application, whose failure says nothing of it.
	 */
	void channelEnds() {
		this.acquisition.exchangeEnded(null);
		failed(endedBy());
		if (this.info != null && this.connection.goAway() != ResponseInfo.NO_GOAWAY) {
			end();
		}
	}

	/**
	 * The library gives up the request before its channel knows: the body of the request
	 * has failed, for one.
	 */
	void requestFailed(Throwable failure) {
		if (this.channel.eventLoop().inEventLoop() && this.wroteHeaders) {
			Throwable known = failure();
			written((known != null) ? known : failure);
		}
	}

	/**
	 * The exchange is over, whichever way.
	 */
	void leaves() {
		if (this.info == null) { // the proxy has refused, or has not answered yet
			this.connection.isGivenUpBy(this);
			return;
		}
		if (!this.upgraded) {
			end();
		}
		this.connection.release();
	}

	private void end() {
		if (this.responded && this.wroteRequest) {
			return;
		}
		Throwable error = endedBy();
		if (!this.responded) {
			closesBecause(CloseInfo.of(reason(error)));
		}
		wroteHead();
		if (this.wroteHeaders) {
			written(error);
		}
		respond(error);
	}

	/**
	 * A connection outlives its streams.
	 */
	private void closesBecause(CloseInfo close) {
		if (this.channel.parent() == null) {
			this.connection.closesBecause(close);
		}
	}

	private static CloseReason reason(Throwable error) {
		if (error instanceof TimeoutException) {
			return CloseReason.TIMED_OUT;
		}
		if (error instanceof CancellationException) {
			return CloseReason.CANCELLED;
		}
		if (error instanceof EOFException) {
			return CloseReason.PEER;
		}
		return isReset(error) ? CloseReason.RESET : CloseReason.UNKNOWN;
	}

}
