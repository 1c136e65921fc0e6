package io.nettrace.contract.stress;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.PutIdleInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WroteRequestInfo;
import org.jspecify.annotations.Nullable;

/**
 * Holds the hooks of one request to their order, whatever the timing.
 */
final class HookChecker implements NetTrace {

	private final TrackedRequest request;

	private final Tally tally;

	// Guarded by this

	private final List<DialChecker> dials = new ArrayList<>();

	private final List<ExchangeChecker> exchanges = new ArrayList<>();

	private final Set<Integer> localPorts = new HashSet<>();

	private boolean asks;

	private @Nullable WaitInfo wait;

	HookChecker(TrackedRequest request, Tally tally) {
		this.request = request;
		this.tally = tally;
	}

	synchronized boolean isOver() {
		return this.wait == null && this.dials.stream().allMatch(DialChecker::isOver)
				&& this.exchanges.stream().allMatch((exchange) -> exchange.isOver(this.tally));
	}

	/**
	 * Whether an exchange of the request got a connection whose port on this side is the
	 * one given.
	 */
	synchronized boolean hadConnection(int localPort) {
		return this.localPorts.contains(localPort);
	}

	synchronized int exchanges() {
		return this.exchanges.size();
	}

	@Override
	public NetTrace forDial() {
		DialChecker dial = new DialChecker(this.request, this.request.races());
		synchronized (this) {
			this.dials.add(dial);
		}
		return dial;
	}

	private void check(boolean valid, String rule) {
		this.request.check(valid, rule);
	}

	private void at(Moment moment, @Nullable Object detail, Runnable rules) {
		this.request.hook(moment, detail, rules);
	}

	private void of(ConnectionInfo connection, Moment moment, @Nullable Object detail, ExchangeRules rules) {
		at(moment, (detail != null) ? detail : connection.id(), () -> {
			ExchangeChecker last = null;
			for (ExchangeChecker exchange : this.exchanges) {
				last = (exchange.connection == connection.id()) ? exchange : last;
			}
			check(last != null, "the exchange has got the connection");
			if (last != null) {
				rules.check(last);
			}
		});
	}

	@FunctionalInterface
	private interface ExchangeRules {

		void check(ExchangeChecker exchange);

	}

	@Override
	public void getConn(ConnectionTarget target) {
		at(Moment.GET_CONN, target, () -> {
			check(this.wait == null, "an exchange waits no longer when the next one asks");
			check(this.request.mayAskFor(target.host()), "a connection to a host of the request");
			this.asks = true;
		});
	}

	@Override
	public void waitStart(WaitInfo wait) {
		at(Moment.WAIT_START, wait, () -> {
			check(this.asks, "waitStart after getConn");
			check(this.wait == null, "one wait at a time");
			check(wait.outcome() == null && wait.error() == null, "no outcome before the end");
			this.wait = wait;
		});
	}

	@Override
	public void waitDone(WaitInfo wait) {
		at(Moment.WAIT_DONE, wait, () -> {
			WaitInfo started = this.wait;
			check(started != null, "waitDone after waitStart, once");
			check(started == null || (started.target().equals(wait.target()) && started.reason() == wait.reason()),
					"waitDone says what waitStart said");
			WaitInfo.Outcome outcome = wait.outcome();
			check(outcome != null, "a wait has an outcome");
			boolean got = outcome == WaitInfo.Outcome.REUSED || outcome == WaitInfo.Outcome.NEW;
			check(got == (wait.error() == null), "a connection or an error");
			this.wait = null;
		});
	}

	@Override
	public void gotConn(ConnectionInfo connection) {
		at(Moment.GOT_CONN, ConnectionChecker.text(connection), () -> {
			check(this.asks, "gotConn after getConn, at most once");
			check(this.wait == null, "no connection while waiting");
			check(!connection.wasIdle() || connection.reused(), "only a reused connection was idle");
			check(connection.wasIdle() || connection.idleTime().isZero(),
					"only an idle connection has been so for long");
			check(connection.requests() >= 1 && connection.activeRequests() >= 1, "this request counts");
			check(connection.reused() || !this.request.dialsForItself()
					|| this.dials.stream().anyMatch((dial) -> dial.hasConnectedTo(connection.peerAddress())),
					"a new connection is of an own dial");
			check(this.exchanges.stream()
				.allMatch((exchange) -> exchange.responded || !this.tally.has(Moment.RESPONSE_DONE)),
					"the response of the exchange before is over");
			this.asks = false;
			this.exchanges.add(new ExchangeChecker(connection));
			if (connection.localAddress() instanceof InetSocketAddress local) {
				this.localPorts.add(local.getPort());
			}
		});
	}

	@Override
	public void wroteHeaders(ConnectionInfo connection) {
		of(connection, Moment.WROTE_HEADERS, null, (exchange) -> {
			check(!exchange.wroteHeaders && !exchange.wroteRequest, "wroteHeaders once, before wroteRequest");
			exchange.wroteHeaders = true;
		});
	}

	@Override
	public void wait100Continue(ConnectionInfo connection) {
		of(connection, Moment.WAIT_100_CONTINUE, null, (exchange) -> {
			check(exchange.wroteHeaders && !exchange.wroteRequest,
					"wait100Continue between wroteHeaders and wroteRequest");
			check(this.request.plan().expectsContinue() && !exchange.waits, "wait100Continue if expected, once");
			exchange.waits = true;
		});
	}

	@Override
	public void got100Continue(ConnectionInfo connection) {
		of(connection, Moment.GOT_100_CONTINUE, null, (exchange) -> {
			check(this.request.plan().expectsContinue() && !exchange.got100, "got100Continue if expected, once");
			check(exchange.gotFirstByte, "an interim response has a first byte");
			exchange.got100 = true;
		});
	}

	@Override
	public void got1xxResponse(InterimResponse response) {
		of(response.connection(), Moment.GOT_1XX_RESPONSE, response.status(), (exchange) -> {
			check(exchange.gotFirstByte && !exchange.responded,
					"an interim response between the first byte and the end");
			check(response.status() >= 100 && response.status() < 200 && response.status() != 101, "an interim status");
		});
	}

	@Override
	public void wroteRequest(WroteRequestInfo request) {
		of(request.connection(), Moment.WROTE_REQUEST, request.error(), (exchange) -> {
			check(exchange.wroteHeaders, "wroteRequest after wroteHeaders");
			check(!exchange.wroteRequest, "wroteRequest once");
			exchange.wroteRequest = true;
		});
	}

	@Override
	public void gotFirstResponseByte(ConnectionInfo connection) {
		of(connection, Moment.GOT_FIRST_RESPONSE_BYTE, null, (exchange) -> {
			check(!exchange.gotFirstByte && !exchange.responded, "gotFirstResponseByte once, before responseDone");
			exchange.gotFirstByte = true;
		});
	}

	@Override
	public void responseDone(ResponseInfo response) {
		Object detail = (response.error() != null) ? response.error() : response.status();
		of(response.connection(), Moment.RESPONSE_DONE, detail, (exchange) -> {
			check(!exchange.responded, "responseDone once");
			check(response.error() != null || response.status() >= 200 || response.status() == 101,
					"a response that is read has a status");
			check(response.error() != null || exchange.gotFirstByte, "a response that is read has a first byte");
			exchange.responded = true;
		});
	}

	@Override
	public void putIdleConn(PutIdleInfo connection) {
		of(connection.connection(), Moment.PUT_IDLE_CONN, connection.error(), (exchange) -> {
			check(exchange.responded && !exchange.put, "putIdleConn after responseDone, once");
			check(exchange.wroteRequest, "only a connection whose request is written goes back");
			exchange.put = true;
		});
	}

	@Override
	public void dnsStart(String host) {
		at(Moment.DNS_START, Objects.requireNonNull(host),
				() -> check(false, "a dial's hooks are called on its trace"));
	}

}
