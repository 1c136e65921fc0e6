package io.nettrace.equality;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import okhttp3.Dns;
import org.apache.hc.client5.http.DnsResolver;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.jspecify.annotations.Nullable;

/**
 * The application's resolver for each library.
 */
@FunctionalInterface
interface Names {

	/**
	 * Return the addresses of a host: null, and a list with null in it, are passed on.
	 */
	@Nullable List<@Nullable InetAddress> lookup(String host) throws IOException;

	/**
	 * Record the question and the thread in the transcript.
	 */
	default Names recordedBy(Transcript transcript) {
		return (host) -> {
			transcript.add("resolver asked for " + host + " on " + Thread.currentThread().getName());
			return lookup(host);
		};
	}

	static Names of(String... literals) {
		return (host) -> {
			List<@Nullable InetAddress> addresses = new ArrayList<>();
			for (String literal : literals) {
				addresses.add(InetAddress.getByName(literal));
			}
			return addresses;
		};
	}

	default DnsResolver onHttpComponents() {
		return new DnsResolver() {

			@Override
			@SuppressWarnings("NullAway") // deliberately
			public InetAddress[] resolve(String host) throws UnknownHostException {
				try {
					List<@Nullable InetAddress> addresses = lookup(host);
					return (addresses != null) ? addresses.toArray(InetAddress[]::new) : null;
				}
				catch (IOException ex) {
					throw Names.<RuntimeException>unchecked(ex);
				}
			}

			@Override
			public String resolveCanonicalHostname(String host) {
				return host;
			}

		};
	}

	default AddressResolverGroup<InetSocketAddress> onReactorNetty() {
		return new AddressResolverGroup<>() {

			@Override
			protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
				return new InetNameResolver(executor) {

					@Override
					@SuppressWarnings("NullAway") // deliberately
					protected void doResolve(String host, Promise<InetAddress> promise) {
						try {
							List<@Nullable InetAddress> addresses = lookup(host);
							promise.setSuccess((addresses != null) ? addresses.get(0) : null);
						}
						catch (Throwable ex) {
							promise.setFailure(ex);
						}
					}

					@Override
					@SuppressWarnings("NullAway") // deliberately
					protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
						try {
							promise.setSuccess(lookup(host));
						}
						catch (Throwable ex) {
							promise.setFailure(ex);
						}
					}

				}.asAddressResolver();
			}

		};
	}

	default Dns onOkHttp() {
		return new Dns() {

			@Override
			@SuppressWarnings("NullAway") // deliberately
			public List<InetAddress> lookup(String host) {
				try {
					return Names.this.lookup(host);
				}
				catch (IOException ex) {
					throw Names.<RuntimeException>unchecked(ex);
				}
			}

			@Override
			public String toString() {
				return "names";
			}

		};
	}

	default SocketAddressResolver onJetty() {
		return new SocketAddressResolver() {

			@Override
			@SuppressWarnings("NullAway") // deliberately
			public void resolve(String host, int port, Map<String, Object> context,
					org.eclipse.jetty.util.Promise<List<InetSocketAddress>> promise) {
				Thread thread = new Thread(() -> {
					try {
						List<@Nullable InetAddress> addresses = lookup(host);
						if (addresses == null) {
							promise.succeeded(null);
							return;
						}
						List<InetSocketAddress> sockets = new ArrayList<>();
						addresses.forEach((address) -> sockets
							.add((address != null) ? new InetSocketAddress(address, port) : null));
						promise.succeeded(sockets);
					}
					catch (Throwable ex) {
						promise.failed(ex);
					}
				}, "application-resolver");
				thread.setDaemon(true);
				thread.start();
			}

		};
	}

	@SuppressWarnings({ "unchecked", "TypeParameterUnusedInFormals" })
	private static <E extends Throwable> E unchecked(Throwable exception) throws E {
		throw (E) exception;
	}

}
