package io.nettrace.observation.recent;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import io.micrometer.observation.Observation;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.TlsInfo;
import io.nettrace.instrument.IpText;
import io.nettrace.observation.HostPatterns;
import io.nettrace.observation.Phase;
import io.nettrace.observation.RequestRecord;
import io.nettrace.observation.RequestRecordSink;
import io.nettrace.observation.RequestSpan;
import io.nettrace.observation.RequestSummary;
import io.nettrace.observation.span.AddressMask;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the last requests, whether their traces are sampled or not. What it keeps is
 * bounded: so many requests, with so many steps each, of so many characters. Safe for use
 * by several threads.
 */
public final class RecentRequests implements RequestRecordSink {

	/**
	 * The most requests that may be kept.
	 */
	public static final int MAX_KEPT = 10_000;

	private static final int MAX_OPENERS = 1_000;

	private static final int MAX_TEXT = 256;

	private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

	private final int keep;

	private final boolean hideAddresses;

	private final HostPatterns patterns;

	private final RequestSpan.Finder spans;

	// Guarded by itself, as is what follows

	/**
	 * The newest comes first.
	 */
	private final Deque<RecentRequest> requests = new ArrayDeque<>();

	private long lastId;

	/**
	 * Who has opened a connection, by its number: ids only. The connection that has been
	 * without a request longest is forgotten first.
	 */
	private final Map<Long, RecentRequest.Opener> openers = new LinkedHashMap<>(16, 0.75F, true) {

		private static final long serialVersionUID = 1L;

		@Override
		protected boolean removeEldestEntry(Map.Entry<Long, RecentRequest.Opener> eldest) {
			return size() > MAX_OPENERS;
		}

	};

	/**
	 * Create a store.
	 * @param keep how many requests are kept, 0 to {@value #MAX_KEPT}
	 * @param hideAddresses whether no IP address is kept
	 * @param patterns the hosts whose requests are kept
	 * @param spans finds the span of a request
	 */
	public RecentRequests(int keep, boolean hideAddresses, HostPatterns patterns, RequestSpan.Finder spans) {
		if (keep < 0 || keep > MAX_KEPT) {
			throw new IllegalArgumentException("'keep' must be 0 to " + MAX_KEPT + ", not " + keep);
		}
		this.keep = keep;
		this.hideAddresses = hideAddresses;
		this.patterns = Objects.requireNonNull(patterns, "'patterns' must not be null");
		this.spans = Objects.requireNonNull(spans, "'spans' must not be null");
	}

	@Override
	public boolean isNeeded() {
		return this.keep > 0;
	}

	@Override
	public boolean waitsForResponse() {
		return true;
	}

	/**
	 * Return the requests.
	 * @return the last ones to be over, the newest first
	 */
	public List<RecentRequest> requests() {
		synchronized (this.requests) {
			return this.requests.stream().map(this::withOpener).toList();
		}
	}

	private RecentRequest withOpener(RecentRequest request) {
		RecentRequest.Connection connection = request.connection();
		RecentRequest.Opener opener = (connection != null && connection.reused())
				? this.openers.get(Long.valueOf(connection.id())) : null;
		if (connection == null || opener == null) {
			return request;
		}
		return request.with(request.id(), connection.with(isKept(opener) ? opener : opener.withoutRequest()));
	}

	private boolean isKept(RecentRequest.Opener opener) {
		String id = opener.requestId();
		return id != null && Long.parseLong(id) > this.lastId - this.requests.size();
	}

	@Override
	public void write(Observation.Context request, RequestRecord record) {
		ConnectionTarget target = record.target();
		String host = (target != null) ? target.host() : record.lookedUp();
		if (host != null && !this.patterns.matches(host)) {
			return;
		}
		RequestSummary summary = RequestSummary.of(request, record);
		RequestSteps steps = RequestSteps.of(request);
		RequestSteps.Result result = (steps != null) ? steps.end(record, summary)
				: new RequestSteps.Result(null, Instant.now().minusNanos(record.total()), List.of(), 0, List.of());
		RequestSpan span = this.spans.of(request);
		RecentRequest unnumbered = new RecentRequest("", result.time(), result.client(), bounded(summary.method()),
				bounded(summary.uri()), bounded(host), (target != null) ? target.port() : null,
				target != null && target.secure(), summary.status(), bounded(summary.error()), seconds(record.total()),
				summary.verdict().toString(), bound(summary.words()), (span != null) ? span.traceId() : null,
				(span != null) ? span.spanId() : null, record.exchanges(), connection(record.connection()),
				phases(record), result.steps(), result.more(), failures(record));
		keep(this.hideAddresses ? unnumbered.sanitize(AddressMask::maskHost, (key, value) -> AddressMask.MASK)
				: unnumbered, result.opened());
	}

	private void keep(RecentRequest request, List<Long> opened) {
		synchronized (this.requests) {
			this.lastId++;
			RecentRequest numbered = request.with(String.valueOf(this.lastId), request.connection());
			this.requests.addFirst(numbered);
			if (this.requests.size() > this.keep) {
				this.requests.removeLast();
			}
			for (Long connection : opened) {
				this.openers.put(connection,
						new RecentRequest.Opener(request.traceId(), request.spanId(), numbered.id()));
			}
			RecentRequest.Connection connection = request.connection();
			if (connection != null) {
				this.openers.get(Long.valueOf(connection.id())); // not the longest unused
			}
		}
	}

	private static RecentRequest.@Nullable Connection connection(@Nullable ConnectionInfo connection) {
		if (connection == null) {
			return null;
		}
		InetSocketAddress peer = (connection.peerAddress() instanceof InetSocketAddress inet) ? inet : null;
		TlsInfo tls = connection.tls();
		return new RecentRequest.Connection(String.valueOf(connection.id()), connection.reused(),
				connection.wasIdle() ? seconds(connection.idleNanos()) : null, seconds(connection.ageNanos()),
				connection.requests(),
				(peer != null && peer.getAddress() != null) ? IpText.of(peer.getAddress()) : null,
				(peer != null) ? peer.getPort() : null, connection.protocol(), (tls != null) ? tls.version() : null,
				null);
	}

	private static Map<String, Double> phases(RequestRecord record) {
		Map<String, Double> phases = new LinkedHashMap<>();
		for (Phase phase : Phase.ALL) {
			phases.put(phase.toString(), seconds(record.nanos(phase)));
		}
		return Collections.unmodifiableMap(phases);
	}

	private static List<RecentRequest.Failure> failures(RequestRecord record) {
		return record.failures()
			.stream()
			.map((failure) -> new RecentRequest.Failure(failure.phase().toString(), bound(failure.errorType()),
					bounded(failure.detail())))
			.toList();
	}

	static double seconds(long nanos) {
		return nanos / NANOS;
	}

	static @Nullable String bounded(@Nullable String text) {
		return (text != null) ? bound(text) : null;
	}

	static String bound(String text) {
		return (text.length() > MAX_TEXT) ? text.substring(0, MAX_TEXT - 1) + "…" : text;
	}

}
