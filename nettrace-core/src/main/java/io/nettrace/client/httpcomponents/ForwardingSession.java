package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.concurrent.locks.Lock;

import javax.net.ssl.SSLContext;

import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.reactor.Command;
import org.apache.hc.core5.reactor.IOEventHandler;
import org.apache.hc.core5.reactor.ProtocolIOSession;
import org.apache.hc.core5.reactor.ProtocolUpgradeHandler;
import org.apache.hc.core5.reactor.ssl.SSLBufferMode;
import org.apache.hc.core5.reactor.ssl.SSLSessionInitializer;
import org.apache.hc.core5.reactor.ssl.SSLSessionVerifier;
import org.apache.hc.core5.reactor.ssl.TlsDetails;
import org.apache.hc.core5.reactor.ssl.TransportSecurityLayer;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Passes every call on to another session.
 */
class ForwardingSession implements ProtocolIOSession {

	private final ProtocolIOSession delegate;

	ForwardingSession(ProtocolIOSession delegate) {
		this.delegate = delegate;
	}

	@Override
	public void startTls(SSLContext sslContext, NamedEndpoint endpoint, SSLBufferMode sslBufferMode,
			SSLSessionInitializer initializer, SSLSessionVerifier verifier, Timeout handshakeTimeout) {
		this.delegate.startTls(sslContext, endpoint, sslBufferMode, initializer, verifier, handshakeTimeout);
	}

	@Override
	public void startTls(SSLContext sslContext, NamedEndpoint endpoint, SSLBufferMode sslBufferMode,
			SSLSessionInitializer initializer, SSLSessionVerifier verifier, Timeout handshakeTimeout,
			@Nullable FutureCallback<TransportSecurityLayer> callback) {
		this.delegate.startTls(sslContext, endpoint, sslBufferMode, initializer, verifier, handshakeTimeout, callback);
	}

	@Override
	public @Nullable TlsDetails getTlsDetails() {
		return this.delegate.getTlsDetails();
	}

	@Override
	public void switchProtocol(String protocolId, @Nullable FutureCallback<ProtocolIOSession> callback) {
		this.delegate.switchProtocol(protocolId, callback);
	}

	@Override
	public void registerProtocol(String protocolId, ProtocolUpgradeHandler upgradeHandler) {
		this.delegate.registerProtocol(protocolId, upgradeHandler);
	}

	@Override
	public @Nullable NamedEndpoint getInitialEndpoint() {
		return this.delegate.getInitialEndpoint();
	}

	@Override
	public @Nullable IOEventHandler getHandler() {
		return this.delegate.getHandler();
	}

	@Override
	public void upgrade(IOEventHandler handler) {
		this.delegate.upgrade(handler);
	}

	@Override
	public Lock getLock() {
		return this.delegate.getLock();
	}

	@Override
	public void enqueue(Command command, Command.Priority priority) {
		this.delegate.enqueue(command, priority);
	}

	@Override
	public boolean hasCommands() {
		return this.delegate.hasCommands();
	}

	@Override
	public @Nullable Command poll() {
		return this.delegate.poll();
	}

	@Override
	public ByteChannel channel() {
		return this.delegate.channel();
	}

	@Override
	public @Nullable SocketAddress getRemoteAddress() {
		return this.delegate.getRemoteAddress();
	}

	@Override
	public @Nullable SocketAddress getLocalAddress() {
		return this.delegate.getLocalAddress();
	}

	@Override
	public int getEventMask() {
		return this.delegate.getEventMask();
	}

	@Override
	public void setEventMask(int ops) {
		this.delegate.setEventMask(ops);
	}

	@Override
	public void setEvent(int op) {
		this.delegate.setEvent(op);
	}

	@Override
	public void clearEvent(int op) {
		this.delegate.clearEvent(op);
	}

	@Override
	public void close() {
		this.delegate.close();
	}

	@Override
	public void close(CloseMode closeMode) {
		this.delegate.close(closeMode);
	}

	@Override
	public boolean isOpen() {
		return this.delegate.isOpen();
	}

	@Override
	public Status getStatus() {
		return this.delegate.getStatus();
	}

	@Override
	public Timeout getSocketTimeout() {
		return this.delegate.getSocketTimeout();
	}

	@Override
	public void setSocketTimeout(Timeout timeout) {
		this.delegate.setSocketTimeout(timeout);
	}

	@Override
	public long getLastReadTime() {
		return this.delegate.getLastReadTime();
	}

	@Override
	public long getLastWriteTime() {
		return this.delegate.getLastWriteTime();
	}

	@Override
	public long getLastEventTime() {
		return this.delegate.getLastEventTime();
	}

	@Override
	public void updateReadTime() {
		this.delegate.updateReadTime();
	}

	@Override
	public void updateWriteTime() {
		this.delegate.updateWriteTime();
	}

	@Override
	public int read(ByteBuffer dst) throws IOException {
		return this.delegate.read(dst);
	}

	@Override
	public int write(ByteBuffer src) throws IOException {
		return this.delegate.write(src);
	}

	@Override
	public String getId() {
		return this.delegate.getId();
	}

	@Override
	public String toString() {
		return this.delegate.toString();
	}

}
