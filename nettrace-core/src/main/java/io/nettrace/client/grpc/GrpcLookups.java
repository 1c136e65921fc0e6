package io.nettrace.client.grpc;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.ProxiedSocketAddress;
import io.grpc.ProxyDetector;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.grpc.SynchronizationContext;
import io.nettrace.NetTrace;
import io.nettrace.instrument.ClientLookup;
import io.nettrace.instrument.NetTraceAddress;
import io.nettrace.instrument.RequestTrace;
import org.jspecify.annotations.Nullable;

/**
 * The lookups of one resolver. A resolver that is asked need not look up: it may have an
 * answer that is young enough, or a proxy may look up. So a lookup begins on the
 * channel's offload executor, when it is known that there is no proxy.
 * <p>
 * Whatever a channel does with its resolver happens in its synchronization context.
 */
final class GrpcLookups {

	private final Supplier<RequestTrace> traces;

	private final SynchronizationContext context;

	// only in the context
	private RequestTrace next = RequestTrace.NONE;

	// only in the context
	private List<SocketAddress> carrying = List.of();

	private volatile @Nullable GrpcLookup underWay;

	GrpcLookups(Supplier<RequestTrace> traces, SynchronizationContext context) {
		this.traces = traces;
		this.context = context;
	}

	/**
	 * Return the arguments of a resolver whose lookups are seen, or the same ones if they
	 * cannot be copied: a channel's always can, but not those that an application has
	 * made without all parts.
	 */
	NameResolver.Args watch(NameResolver.Args args) {
		Executor executor = args.getOffloadExecutor();
		NameResolver.Args.Builder copy = (executor != null) ? copy(args) : null;
		if (executor == null || copy == null) {
			return args;
		}
		ProxyDetector proxies = args.getProxyDetector();
		return copy.setOffloadExecutor((task) -> executor.execute(lookup(task)))
			.setProxyDetector((target) -> lookupUnlessProxied(target, proxies.proxyFor(target)))
			.build();
	}

	/**
	 * The builder refuses a scheduler or logger that is not there, though one that was
	 * never told of them does without.
	 */
	private static NameResolver.Args.@Nullable Builder copy(NameResolver.Args args) {
		try {
			return args.toBuilder();
		}
		catch (NullPointerException ex) {
			return null;
		}
	}

	/**
	 * A lookup that the resolver starts now belongs to what the current thread does.
	 */
	void belongToCurrentThread(Runnable ask) {
		this.next = this.traces.get();
		try {
			ask.run();
		}
		finally {
			this.next = RequestTrace.NONE;
		}
	}

	private Runnable lookup(Runnable task) {
		GrpcLookup lookup = new GrpcLookup(this.next.dial());
		return () -> {
			this.underWay = lookup;
			try {
				task.run();
			}
			finally {
				ClientLookup.end();
				// after what the task has put there, its answer for one
				this.context.execute(() -> end(lookup));
			}
		};
	}

	private @Nullable ProxiedSocketAddress lookupUnlessProxied(SocketAddress target,
			@Nullable ProxiedSocketAddress proxied) {
		GrpcLookup lookup = this.underWay;
		if (proxied == null && lookup != null && target instanceof InetSocketAddress name) {
			lookup.begin(name.getHostString());
			ClientLookup.begin();
		}
		return proxied;
	}

	private void end(GrpcLookup lookup) {
		lookup.cancel();
		if (this.underWay == lookup) {
			this.underWay = null;
		}
	}

	NameResolver.ResolutionResult answered(NameResolver.ResolutionResult result) {
		GrpcLookup lookup = this.underWay;
		StatusOr<List<EquivalentAddressGroup>> answer = result.getAddressesOrError();
		release();
		if (!answer.hasValue()) {
			failed(answer.getStatus());
			return result;
		}
		NetTrace dial = (lookup != null) ? lookup.answered(answer.getValue()) : NetTrace.NONE;
		if (dial == NetTrace.NONE) {
			return result;
		}
		List<EquivalentAddressGroup> groups = answer.getValue().stream().map((group) -> carrying(group, dial)).toList();
		this.carrying = groups.stream().flatMap((group) -> group.getAddresses().stream()).toList();
		NetTraceAddress.group(this.carrying);
		return result.toBuilder().setAddressesOrError(StatusOr.fromValue(groups)).build();
	}

	private static EquivalentAddressGroup carrying(EquivalentAddressGroup group, NetTrace dial) {
		List<SocketAddress> addresses = new ArrayList<>(group.getAddresses());
		addresses.replaceAll((address) -> (address instanceof InetSocketAddress inet)
				? NetTraceAddress.carrying(inet, dial) : address);
		return new EquivalentAddressGroup(addresses, group.getAttributes());
	}

	void failed(Status error) {
		GrpcLookup lookup = this.underWay;
		if (lookup != null) {
			lookup.failed(error);
		}
	}

	/**
	 * A channel keeps its addresses until it is shut down or has others.
	 */
	void close() {
		release();
	}

	private void release() {
		this.carrying.forEach(NetTraceAddress::release);
		this.carrying = List.of();
	}

}
