package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.RequestChannel;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * Handles an exchange as the library does, and knows the connection that executes it.
 */
abstract class SessionHandler implements AsyncClientExchangeHandler {

	private final AsyncClientExchangeHandler delegate;

	SessionHandler(AsyncClientExchangeHandler delegate) {
		this.delegate = delegate;
	}

	/**
	 * The library has given the exchange to a connection.
	 */
	abstract void boundTo(TracedSession session);

	@Override
	public void produceRequest(RequestChannel channel, HttpContext context) throws HttpException, IOException {
		this.delegate.produceRequest(channel, context);
	}

	@Override
	public int available() {
		return this.delegate.available();
	}

	@Override
	public void produce(DataStreamChannel channel) throws IOException {
		this.delegate.produce(channel);
	}

	@Override
	public void consumeInformation(HttpResponse response, HttpContext context) throws HttpException, IOException {
		this.delegate.consumeInformation(response, context);
	}

	@Override
	public void consumeResponse(HttpResponse response, @Nullable EntityDetails entityDetails, HttpContext context)
			throws HttpException, IOException {
		this.delegate.consumeResponse(response, entityDetails, context);
	}

	@Override
	public void updateCapacity(CapacityChannel capacityChannel) throws IOException {
		this.delegate.updateCapacity(capacityChannel);
	}

	@Override
	public void consume(ByteBuffer src) throws IOException {
		this.delegate.consume(src);
	}

	@Override
	public void streamEnd(@Nullable List<? extends Header> trailers) throws HttpException, IOException {
		this.delegate.streamEnd(trailers);
	}

	@Override
	public void failed(Exception cause) {
		this.delegate.failed(cause);
	}

	@Override
	public void cancel() {
		this.delegate.cancel();
	}

	@Override
	public void releaseResources() {
		this.delegate.releaseResources();
	}

}
