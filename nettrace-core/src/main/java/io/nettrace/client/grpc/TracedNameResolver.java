package io.nettrace.client.grpc;

import io.grpc.NameResolver;
import io.grpc.Status;

/**
 * A resolver whose answers carry the trace of their lookup to the attempts.
 */
final class TracedNameResolver extends NameResolver {

	private final NameResolver delegate;

	private final GrpcLookups lookups;

	TracedNameResolver(NameResolver delegate, GrpcLookups lookups) {
		this.delegate = delegate;
		this.lookups = lookups;
	}

	@Override
	public String getServiceAuthority() {
		return this.delegate.getServiceAuthority();
	}

	@Override
	public void start(Listener2 listener) {
		this.lookups.belongToCurrentThread(() -> this.delegate.start(new Listener2() {

			@Override
			public void onResult(ResolutionResult result) {
				listener.onResult(TracedNameResolver.this.lookups.answered(result));
			}

			@Override
			public Status onResult2(ResolutionResult result) {
				return listener.onResult2(TracedNameResolver.this.lookups.answered(result));
			}

			@Override
			public void onError(Status error) {
				TracedNameResolver.this.lookups.failed(error);
				listener.onError(error);
			}

		}));
	}

	@Override
	public void refresh() {
		this.lookups.belongToCurrentThread(this.delegate::refresh);
	}

	@Override
	public void shutdown() {
		this.delegate.shutdown();
		this.lookups.close();
	}

}
