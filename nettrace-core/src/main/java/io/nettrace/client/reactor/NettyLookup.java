package io.nettrace.client.reactor;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.DnsQueryInfo;
import io.nettrace.DnsQueryInfo.Outcome;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DatagramChannel;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.DnsNameResolverTimeoutException;
import io.netty.resolver.dns.DnsQueryLifecycleObserver;
import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;

/**
 * The queries of one lookup. They are observed on the resolver's event loop and asked for
 * on that of the request. Netty may go on with them when the lookup has its answer.
 */
final class NettyLookup {

	private final NettyLookups resolver;

	private final String name;

	private final EventExecutor eventLoop;

	// The rest is guarded by this

	private List<Query> queries = new ArrayList<>(2);

	private boolean started;

	private boolean over;

	/**
	 * Queries that were made, sent or not, and have not ended.
	 */
	private int pending;

	/**
	 * When the last query ended, or the lookup began.
	 */
	private long waitsSince;

	private @Nullable DnsAnswerInfo answer;

	NettyLookup(NettyLookups resolver, String name, EventExecutor eventLoop) {
		this.resolver = resolver;
		this.name = name;
		this.eventLoop = eventLoop;
	}

	NettyLookups resolver() {
		return this.resolver;
	}

	String name() {
		return this.name;
	}

	EventExecutor eventLoop() {
		return this.eventLoop;
	}

	/**
	 * The resolver asks for the name servers of this name.
	 * @return {@code false} if it has before: then it does so for another name's alias
	 */
	synchronized boolean starts() {
		boolean first = !this.started && !this.over;
		this.started = true;
		this.waitsSince = this.resolver.nextMoment();
		return first;
	}

	/**
	 * Whether a question begins with this name.
	 */
	boolean isOf(DnsQuestion question) {
		String asked = question.name(); // ends with a dot
		int length = this.name.length();
		return asked.startsWith(this.name) && (this.name.endsWith(".") || asked.charAt(length) == '.');
	}

	/**
	 * Whether the resolver may have this question for the lookup now: it asks for another
	 * name once all queries of the one before have ended.
	 */
	synchronized boolean mayAsk(DnsQuestion question) {
		if (this.over) {
			return false;
		}
		if (this.pending == 0) {
			return true;
		}
		boolean asksThisName = false;
		for (Query query : this.queries) {
			if (query.isPending()) {
				if (!query.question.name().equals(question.name()) || query.question.type().equals(question.type())) {
					return false;
				}
				asksThisName = true;
			}
		}
		return asksThisName;
	}

	/**
	 * Whether the next query is to come, on the resolver's event loop.
	 */
	synchronized boolean isWaiting() {
		return this.started && this.pending == 0 && !this.over;
	}

	synchronized long waitsSince() {
		return this.waitsSince;
	}

	/**
	 * A query of this lookup is to be sent.
	 * @param alias the name that stands for the one asked for, or {@code null}
	 */
	synchronized Query query(DnsQuestion question, @Nullable String alias) {
		NettyLookups.at(this);
		Query query = new Query(question, alias);
		if (!this.over) {
			this.queries.add(query);
			this.pending++;
		}
		return query;
	}

	/**
	 * The lookup is over, or is given up: nothing that Netty does from now on belongs to
	 * it.
	 * @param found whether there is an answer
	 */
	void end(boolean found) {
		synchronized (this) {
			if (!this.over) {
				this.answer = makeAnswer(found);
				this.over = true;
				this.queries = List.of();
			}
		}
		this.resolver.remove(this);
	}

	/**
	 * Without queries, what was found is from Netty's cache or from the hosts file.
	 */
	private @Nullable DnsAnswerInfo makeAnswer(boolean found) {
		long now = System.nanoTime();
		if (this.queries.size() == 1) {
			DnsQueryInfo only = this.queries.get(0).info(now);
			if (only != null) {
				return DnsAnswerInfo.ofQueries(List.of(only));
			}
		}
		List<DnsQueryInfo> sent = this.queries.stream()
			.map((query) -> query.info(now))
			.filter(Objects::nonNull)
			.toList();
		if (!sent.isEmpty()) {
			return DnsAnswerInfo.ofQueries(sent);
		}
		return (found && !this.started && this.resolver.tellsOn(this.eventLoop))
				? DnsAnswerInfo.of(DnsAnswerInfo.Source.LOCAL, null) : null;
	}

	/**
	 * End the lookup, and say where its answer came from.
	 * @return {@code null} if that is not known
	 */
	@Nullable DnsAnswerInfo answer() {
		end(false);
		synchronized (this) {
			return this.answer;
		}
	}

	/**
	 * One query, which may be sent twice: over TCP if the answer was truncated.
	 */
	final class Query implements DnsQueryLifecycleObserver {

		private final DnsQuestion question;

		private final @Nullable String alias;

		// The rest is guarded by the lookup

		private @Nullable InetSocketAddress server;

		private boolean tcp;

		private @Nullable Instant start;

		private long startNanos;

		private long endNanos;

		private @Nullable Outcome outcome;

		private @Nullable String responseCode;

		Query(DnsQuestion question, @Nullable String alias) {
			this.question = question;
			this.alias = alias;
		}

		boolean isPending() {
			return this.outcome == null;
		}

		@Override
		public void queryWritten(InetSocketAddress server, ChannelFuture written) {
			synchronized (NettyLookup.this) {
				if (this.server == null) {
					this.server = server;
					this.startNanos = System.nanoTime();
					this.start = Instant.now();
				}
				this.tcp = !(written.channel() instanceof DatagramChannel);
			}
		}

		private void end(Outcome outcome, @Nullable String responseCode) {
			synchronized (NettyLookup.this) {
				if (NettyLookup.this.over || this.outcome != null) {
					return;
				}
				this.outcome = outcome;
				this.responseCode = responseCode;
				this.endNanos = System.nanoTime();
				NettyLookup.this.pending--;
				NettyLookup.this.waitsSince = NettyLookup.this.resolver.nextMoment();
			}
			NettyLookups.at(NettyLookup.this);
		}

		@Override
		public void queryCancelled(int queriesRemaining) {
			end(Outcome.CANCELLED, null);
		}

		@Override
		public DnsQueryLifecycleObserver queryRedirected(List<InetSocketAddress> servers) {
			end(Outcome.REFERRED, ResponseCodes.NOERROR);
			return query(this.question, this.alias);
		}

		/**
		 * Called on an observer of its own, whose query is not sent.
		 */
		@Override
		public DnsQueryLifecycleObserver queryCNAMEd(DnsQuestion target) {
			end(Outcome.ANSWERED, ResponseCodes.NOERROR);
			return query(target, this.question.name());
		}

		@Override
		public DnsQueryLifecycleObserver queryNoAnswer(DnsResponseCode code) {
			end(Outcome.ERROR, ResponseCodes.name(code));
			return query(this.question, this.alias);
		}

		@Override
		public void queryFailed(Throwable failure) {
			String code = ResponseCodes.of(failure);
			if (failure instanceof DnsNameResolverTimeoutException) {
				end(Outcome.TIMED_OUT, null);
			}
			else if (code == null) {
				end(Outcome.FAILED, null);
			}
			else {
				end(code.equals(ResponseCodes.NOERROR) ? Outcome.NO_DATA : Outcome.NOT_FOUND, code);
			}
		}

		@Override
		public void querySucceed() {
			end(Outcome.ANSWERED, ResponseCodes.NOERROR);
		}

		/**
		 * What became of the query.
		 * @param now the time in nanoseconds
		 * @return {@code null} if it was not sent
		 */
		private @Nullable DnsQueryInfo info(long now) {
			if (this.server == null || this.start == null) {
				return null;
			}
			long end = (this.outcome != null) ? this.endNanos : now;
			return new DnsQueryInfo(this.question.name(), this.question.type().name(), this.server, this.tcp,
					this.alias, (this.outcome != null) ? this.outcome : Outcome.CANCELLED, this.responseCode,
					this.start, Duration.ofNanos(end - this.startNanos));
		}

	}

}
