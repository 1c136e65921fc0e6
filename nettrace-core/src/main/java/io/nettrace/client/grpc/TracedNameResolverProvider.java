package io.nettrace.client.grpc;

import java.net.SocketAddress;
import java.net.URI;
import java.util.Collection;
import java.util.function.Supplier;

import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.nettrace.instrument.RequestTrace;
import org.jspecify.annotations.Nullable;

/**
 * Makes traced resolvers. A provider does not show its availability and priority to
 * others, and they matter in gRPC's own registry only.
 */
final class TracedNameResolverProvider extends NameResolverProvider {

	private static final int PRIORITY = 5;

	private final NameResolverProvider delegate;

	private final Supplier<RequestTrace> traces;

	TracedNameResolverProvider(NameResolverProvider delegate, Supplier<RequestTrace> traces) {
		this.delegate = delegate;
		this.traces = traces;
	}

	@Override
	public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
		GrpcLookups lookups = new GrpcLookups(this.traces, args.getSynchronizationContext());
		NameResolver resolver = this.delegate.newNameResolver(target, lookups.watch(args));
		return (resolver != null) ? new TracedNameResolver(resolver, lookups) : null;
	}

	@Override
	public String getDefaultScheme() {
		return this.delegate.getDefaultScheme();
	}

	@Override
	public String getScheme() {
		return this.delegate.getScheme();
	}

	@Override
	public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
		return this.delegate.getProducedSocketAddressTypes();
	}

	@Override
	protected boolean isAvailable() {
		return true;
	}

	@Override
	protected int priority() {
		return PRIORITY;
	}

}
