package io.nettrace.api;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PublicApiRenderingTests {

	@Test
	void classHasWhatUsersCanCallOrOverride() {
		assertThat(PublicApi.of(List.of(Examples.Open.class))).containsExactly(
				"public abstract static class io.nettrace.api.Examples.Open<T extends Comparable<T>> extends Examples.Hidden",
				"	public static final int ANSWER = 42", "	public static final String WORD = \"w\"",
				"	protected @Nullable T held", "	protected Open(@Nullable String @Nullable [])",
				"	public void inherited()",
				"	protected abstract <C extends Closeable & Runnable> @Nullable C open(C, Map<String, ? extends @Nullable T>, Consumer<? super T>) throws IOException");
	}

	@Test
	void finalClassHasNothingProtected() {
		assertThat(PublicApi.of(List.of(Examples.Closed.class)))
			.containsExactly("public static final class io.nettrace.api.Examples.Closed");
	}

	@Test
	void recordHasItsComponents() {
		assertThat(PublicApi.of(List.of(Examples.Point.class))).containsExactly(
				"public record io.nettrace.api.Examples.Point(int x, @Nullable String label) implements Examples.Shape",
				"	public Point(int)", "	public Examples.Point withX(int)");
	}

	@Test
	void enumHasItsConstantsInOrder() {
		assertThat(PublicApi.of(List.of(Examples.Level.class))).containsExactly(
				"public enum io.nettrace.api.Examples.Level", "	LOW", "	HIGH", "	public abstract int weight()");
	}

	@Test
	void sealedInterfaceHasItsSubtypes() {
		assertThat(PublicApi.of(List.of(Examples.Shape.class))).containsExactly(
				"public sealed interface io.nettrace.api.Examples.Shape permits Examples.Point",
				"	@Deprecated public default int area()", "	public abstract int x()");
	}

	@Test
	void packagePrivateTypesAndTheirNestedTypesAreLeftOut() {
		assertThat(PublicApi.of(List.of(Examples.Hidden.class, Examples.Hidden.Nested.class))).isEmpty();
	}

}
