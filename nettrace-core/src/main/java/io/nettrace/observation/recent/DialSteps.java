package io.nettrace.observation.recent;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import io.nettrace.TlsInfo;
import io.nettrace.instrument.IpText;
import io.nettrace.observation.DnsQueries;
import io.nettrace.observation.ErrorType;
import io.nettrace.observation.Phase;
import org.jspecify.annotations.Nullable;

/**
 * Records the steps of one dial. Its attempts may race; the other steps follow each
 * other, on whatever threads.
 */
final class DialSteps implements NetTrace {

	private static final int MAX_ANSWERS = 20;

	private static final int NOT_STARTED = -1;

	private final RequestSteps steps;

	private final ExchangeSteps request;

	private final Map<SocketAddress, RequestSteps.Step> attempts = new ConcurrentHashMap<>(2);

	private volatile int exchange = NOT_STARTED;

	private volatile String host = "";

	private volatile @Nullable DnsAnswerInfo answer;

	private volatile RequestSteps.@Nullable Step current;

	DialSteps(RequestSteps steps, ExchangeSteps request) {
		this.steps = steps;
		this.request = request;
	}

	private RequestSteps.Step begin(Phase phase, String name, List<String> addresses) {
		if (this.exchange == NOT_STARTED) {
			this.exchange = this.request.exchange();
		}
		this.request.dials(this.exchange);
		return this.steps.begin(phase, name, this.exchange, addresses);
	}

	private static @Nullable String type(@Nullable Throwable error) {
		return (error != null) ? ErrorType.of(error) : null;
	}

	@Override
	public void dnsStart(String host) {
		this.host = host;
		this.current = begin(Phase.DNS, "DNS lookup", List.of());
	}

	@Override
	public void dnsAnswer(DnsAnswerInfo answer) {
		this.answer = answer;
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		StringJoiner detail = new StringJoiner(", ").setEmptyValue("");
		DnsAnswerInfo answer = this.answer;
		this.answer = null;
		String words = (answer != null) ? DnsQueries.words(answer) : null;
		if (words != null) {
			detail.add(words);
		}
		if (coalesced) {
			detail.add("shared with another caller");
		}
		RequestSteps.Step lookup = this.current;
		boolean cached = answer != null && answer.source() == DnsAnswerInfo.Source.JVM_CACHE;
		String hint = (lookup != null && !cached) ? this.steps.hint(lookup, this.host, error) : null;
		if (hint != null) {
			detail.add(hint);
		}
		done(addresses.stream().limit(MAX_ANSWERS).map(IpText::of).toList(), detail.toString(), error);
	}

	private void done(List<String> addresses, @Nullable String detail, @Nullable Throwable error) {
		RequestSteps.Step step = this.current;
		if (step != null) {
			this.current = null;
			this.steps.describe(step, addresses, (detail != null && !detail.isEmpty()) ? detail : null);
			this.steps.end(step, type(error));
		}
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		this.attempts.put(address, begin(Phase.CONNECT, "socket connect", List.of(IpText.withPort(address))));
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		RequestSteps.Step step = this.attempts.remove(address);
		if (step == null) {
			return;
		}
		boolean cancelled = error instanceof CancellationException;
		if (cancelled) {
			this.steps.describe(step, List.of(IpText.withPort(address)), "cancelled");
		}
		this.steps.end(step, cancelled ? null : type(error));
	}

	@Override
	public void proxyStart(ProxyInfo proxy) {
		this.current = begin(Phase.PROXY, "proxy connect", proxy(proxy));
	}

	@Override
	public void proxyDone(ProxyInfo proxy) {
		done(proxy(proxy), proxy.protocol(), proxy.error());
	}

	private static List<String> proxy(ProxyInfo proxy) {
		SocketAddress address = proxy.proxyAddress();
		return (address != null) ? List.of(IpText.withPort(address)) : List.of();
	}

	@Override
	public void tlsHandshakeStart(TlsInfo handshake) {
		this.current = begin(Phase.TLS, "TLS handshake", List.of());
	}

	@Override
	public void tlsHandshakeDone(TlsInfo handshake) {
		String version = handshake.version();
		done(List.of(), (version != null && handshake.resumed()) ? version + ", resumed" : version, handshake.error());
	}

}
