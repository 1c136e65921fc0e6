package io.nettrace.instrument;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;

import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.DnsAnswerInfo;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import io.nettrace.PutIdleInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.TlsInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WroteRequestInfo;
import org.jspecify.annotations.Nullable;

/**
 * A trace that calls another one's hooks. Wrappers extend it, so that a hook which is
 * added to {@link NetTrace} is not lost in any of them.
 */
public abstract class ForwardingNetTrace implements NetTrace {

	/**
	 * Return the trace whose hooks are called.
	 * @return the trace, {@link NetTrace#NONE} to call nothing
	 */
	protected abstract NetTrace delegate();

	@Override
	public void getConn(ConnectionTarget target) {
		delegate().getConn(target);
	}

	@Override
	public void waitStart(WaitInfo wait) {
		delegate().waitStart(wait);
	}

	@Override
	public void waitDone(WaitInfo wait) {
		delegate().waitDone(wait);
	}

	@Override
	public void dnsStart(String host) {
		delegate().dnsStart(host);
	}

	@Override
	public void dnsAnswer(DnsAnswerInfo answer) {
		delegate().dnsAnswer(answer);
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		delegate().dnsDone(addresses, coalesced, error);
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		delegate().connectStart(network, address);
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		delegate().connectDone(network, address, error);
	}

	@Override
	public void proxyStart(ProxyInfo proxy) {
		delegate().proxyStart(proxy);
	}

	@Override
	public void proxyDone(ProxyInfo proxy) {
		delegate().proxyDone(proxy);
	}

	@Override
	public void tlsHandshakeStart(TlsInfo handshake) {
		delegate().tlsHandshakeStart(handshake);
	}

	@Override
	public void tlsHandshakeDone(TlsInfo handshake) {
		delegate().tlsHandshakeDone(handshake);
	}

	@Override
	public void gotConn(ConnectionInfo connection) {
		delegate().gotConn(connection);
	}

	@Override
	public void wroteHeaders(ConnectionInfo connection) {
		delegate().wroteHeaders(connection);
	}

	@Override
	public void wait100Continue(ConnectionInfo connection) {
		delegate().wait100Continue(connection);
	}

	@Override
	public void got100Continue(ConnectionInfo connection) {
		delegate().got100Continue(connection);
	}

	@Override
	public void got1xxResponse(InterimResponse response) {
		delegate().got1xxResponse(response);
	}

	@Override
	public void wroteRequest(WroteRequestInfo request) {
		delegate().wroteRequest(request);
	}

	@Override
	public void gotFirstResponseByte(ConnectionInfo connection) {
		delegate().gotFirstResponseByte(connection);
	}

	@Override
	public void responseDone(ResponseInfo response) {
		delegate().responseDone(response);
	}

	@Override
	public void putIdleConn(PutIdleInfo connection) {
		delegate().putIdleConn(connection);
	}

	@Override
	public NetTrace forDial() {
		return delegate().forDial();
	}

}
