package io.nettrace.benchmarks;

import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.hc.client5.http.DnsResolver;

/**
 * The simplest code that lets concurrent callers share a call, as a reference for
 * nettrace's. It has no timeout, no interruption and no hooks.
 */
final class SmallestSingleFlight {

	private final ConcurrentHashMap<String, CompletableFuture<List<InetSocketAddress>>> flights = new ConcurrentHashMap<>();

	private final DnsResolver resolver;

	SmallestSingleFlight(DnsResolver resolver) {
		this.resolver = resolver;
	}

	List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException {
		CompletableFuture<List<InetSocketAddress>> own = new CompletableFuture<>();
		CompletableFuture<List<InetSocketAddress>> running = this.flights.putIfAbsent(host, own);
		if (running != null) {
			return running.join();
		}
		try {
			List<InetSocketAddress> addresses = this.resolver.resolve(host, port);
			own.complete(addresses);
			return addresses;
		}
		catch (UnknownHostException | RuntimeException ex) {
			own.completeExceptionally(ex);
			throw ex;
		}
		finally {
			this.flights.remove(host, own);
		}
	}

}
