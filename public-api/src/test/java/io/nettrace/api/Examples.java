package io.nettrace.api;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * Types for {@link PublicApiRenderingTests}.
 */
public final class Examples {

	private Examples() {
	}

	abstract static class Hidden {

		public void inherited() {
		}

		public static class Nested {

		}

	}

	public abstract static class Open<T extends Comparable<T>> extends Hidden {

		public static final int ANSWER = 42;

		public static final String WORD = "w";

		protected @Nullable T held;

		protected Open(@Nullable String @Nullable [] words) {
		}

		protected abstract <C extends Closeable & Runnable> @Nullable C open(C first,
				Map<String, ? extends @Nullable T> map, Consumer<? super T> consumer) throws IOException;

		void unseen() {
		}

	}

	@SuppressWarnings("ProtectedMembersInFinalClass")
	public static final class Closed {

		Closed() {
		}

		protected void unseen() {
		}

		@Override
		public String toString() {
			return "closed";
		}

	}

	public sealed interface Shape permits Point {

		int x();

		@Deprecated
		default int area() {
			return 0;
		}

	}

	public record Point(int x, @Nullable String label) implements Shape {

		public Point(int x) {
			this(x, null);
		}

		public Point withX(int changed) {
			return new Point(changed, this.label);
		}

	}

	public enum Level {

		LOW {
			@Override
			public int weight() {
				return 1;
			}
		},

		HIGH {
			@Override
			public int weight() {
				return 2;
			}
		};

		public abstract int weight();

	}

}
