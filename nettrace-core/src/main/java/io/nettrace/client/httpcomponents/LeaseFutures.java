package io.nettrace.client.httpcomponents;

import java.lang.reflect.Field;
import java.util.List;
import java.util.concurrent.Future;

import org.apache.hc.client5.http.io.LeaseRequest;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a lease waits for. The pool decides at once whether a lease has to wait, but
 * the library's {@link LeaseRequest} does not tell: its future does, which it keeps in a
 * field.
 */
final class LeaseFutures {

	private final UnsupportedRelease unsupported;

	private volatile @Nullable Field field;

	LeaseFutures(UnsupportedRelease unsupported) {
		this.unsupported = unsupported;
	}

	/**
	 * Return what a lease waits for.
	 * @param lease a lease of the library's
	 * @return the future, {@code null} if it cannot be read: waits are then not shown
	 */
	@Nullable Future<?> of(LeaseRequest lease) {
		try {
			Field field = this.field;
			if (field == null || !field.getDeclaringClass().isInstance(lease)) {
				List<Field> futures = PrivateFields.all(lease.getClass(), Future.class);
				if (futures.isEmpty()) {
					throw new NoSuchFieldException(lease.getClass().getName() + " has no future");
				}
				field = futures.get(0);
				this.field = field;
			}
			return (Future<?>) field.get(lease);
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			this.unsupported.warn("waits for its pool cannot be read", ex);
			return null;
		}
	}

}
