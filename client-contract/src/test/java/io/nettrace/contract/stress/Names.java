package io.nettrace.contract.stress;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import okhttp3.Dns;
import org.apache.hc.client5.http.DnsResolver;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * The resolver of the application, for each library. What it does is in the name.
 */
final class Names {

	/**
	 * Where the servers are.
	 */
	static final String LIVE = "127.0.0.41";

	/**
	 * Where the servers' ports refuse.
	 */
	static final String DEAD = "127.0.0.42";

	/**
	 * Where the server's port does not answer.
	 */
	static final String HOLE = "127.0.0.43";

	private static final String DOMAIN = ".stress.test";

	private static final long HANGING_MILLIS = 400;

	private static final long SLOW_MILLIS = 5;

	private Names() {
	}

	/**
	 * The names that more than one request asks for.
	 */
	static String[] common() {
		return Stream.of("a", "b", "c", "d", "dead-first", "hole-first", "slow")
			.map(Names::named)
			.toArray(String[]::new);
	}

	static String named(String label) {
		return label + DOMAIN;
	}

	/**
	 * For how long there is no answer.
	 */
	private static long delay(String host) {
		return switch (label(host)) {
			case "hangs" -> HANGING_MILLIS;
			case "slow" -> SLOW_MILLIS;
			default -> 0;
		};
	}

	private static List<InetAddress> answer(String host) throws UnknownHostException {
		return switch (label(host)) {
			case "hangs", "unknown" -> throw new UnknownHostException(host);
			case "dead-first" -> List.of(address(host, DEAD), address(host, LIVE));
			case "hole-first" -> List.of(address(host, HOLE), address(host, LIVE));
			default -> List.of(address(host, host.endsWith(DOMAIN) ? LIVE : host));
		};
	}

	/**
	 * Jetty asks for the name that the address has.
	 */
	private static InetAddress address(String host, String literal) throws UnknownHostException {
		return InetAddress.getByAddress(host, InetAddress.getByName(literal).getAddress());
	}

	private static String label(String host) {
		return host.endsWith(DOMAIN) ? host.substring(0, host.length() - DOMAIN.length()) : host;
	}

	/**
	 * Looks up on the thread that asks.
	 */
	static final class OfHttpComponents implements DnsResolver {

		@Override
		public InetAddress[] resolve(String host) throws UnknownHostException {
			long delay = delay(host);
			if (delay > 0) {
				await(host, delay);
			}
			return answer(host).toArray(InetAddress[]::new);
		}

		private static void await(String host, long millis) throws UnknownHostException {
			try {
				if (new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS)) {
					throw new IllegalStateException("nothing counts down");
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new UnknownHostException(host);
			}
		}

		@Override
		public String resolveCanonicalHostname(String host) {
			return host;
		}

	}

	/**
	 * Looks up on the thread that asks.
	 */
	static final class OfOkHttp implements Dns {

		@Override
		public List<InetAddress> lookup(String host) throws UnknownHostException {
			return List.of(new OfHttpComponents().resolve(host));
		}

	}

	/**
	 * Answers on another thread.
	 */
	record OfJetty(ScheduledExecutorService scheduler) implements SocketAddressResolver {

		@Override
		@SuppressWarnings("FutureReturnValueIgnored") // the promise is told
		public void resolve(String host, int port, Map<String, Object> context,
				org.eclipse.jetty.util.Promise<List<InetSocketAddress>> promise) {
			this.scheduler.schedule(() -> resolve(host, port, promise), delay(host), TimeUnit.MILLISECONDS);
		}

		private static void resolve(String host, int port,
				org.eclipse.jetty.util.Promise<List<InetSocketAddress>> promise) {
			List<InetSocketAddress> addresses;
			try {
				addresses = answer(host).stream().map((address) -> new InetSocketAddress(address, port)).toList();
			}
			catch (UnknownHostException ex) {
				promise.failed(ex);
				return;
			}
			promise.succeeded(addresses);
		}

	}

	/**
	 * Answers on the event loop.
	 */
	static final class OfNetty extends AddressResolverGroup<InetSocketAddress> {

		@Override
		protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
			return new InetNameResolver(executor) {

				@Override
				protected void doResolve(String host, Promise<InetAddress> promise) {
					schedule(host, () -> promise.trySuccess(answer(host).get(0)), promise);
				}

				@Override
				protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
					schedule(host, () -> promise.trySuccess(answer(host)), promise);
				}

				@SuppressWarnings("FutureReturnValueIgnored") // the promise is told
				private void schedule(String host, Answering answering, Promise<?> promise) {
					executor().schedule(() -> {
						try {
							answering.answer();
						}
						catch (UnknownHostException ex) {
							promise.tryFailure(ex);
						}
					}, delay(host), TimeUnit.MILLISECONDS);
				}

			}.asAddressResolver();
		}

		@FunctionalInterface
		private interface Answering {

			void answer() throws UnknownHostException;

		}

	}

}
