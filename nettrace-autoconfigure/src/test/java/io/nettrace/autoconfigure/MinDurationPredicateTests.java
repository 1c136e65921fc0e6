package io.nettrace.autoconfigure;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.exporter.FinishedSpan;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MinDurationPredicateTests {

	private static final Instant START = Instant.EPOCH;

	private final AtomicInteger tagsAsked = new AtomicInteger();

	private final MinDurationPredicate predicate = new MinDurationPredicate(Duration.ofMillis(5));

	@Test
	void shortLookupThatWentWellIsNotExported() {
		assertThat(this.predicate.isExportable(span(null, 4, Map.of("nettrace.client", "jetty")))).isFalse();
		assertThat(this.predicate.isExportable(span(null, 5, Map.of("nettrace.client", "jetty")))).isTrue();
		assertThat(this.predicate
			.isExportable(span(null, 4, Map.of("nettrace.client", "jetty", "error.type", "try_again")))).isTrue();
		assertThat(this.predicate.isExportable(span(null, 4, Map.of("team", "blue")))).isTrue();
	}

	/**
	 * They are a copy of all attributes, for each span of the whole application.
	 */
	@Test
	void tagsOfOtherSpansAreNotAskedFor() {
		assertThat(this.predicate.isExportable(span(Span.Kind.SERVER, 4, Map.of()))).isTrue();
		assertThat(this.predicate.isExportable(span(Span.Kind.CLIENT, 4, Map.of()))).isTrue();
		assertThat(this.predicate.isExportable(span(null, 5, Map.of()))).isTrue();
		assertThat(new MinDurationPredicate(Duration.ZERO).isExportable(span(null, 0, Map.of()))).isTrue();
		assertThat(this.tagsAsked).hasValue(0);
		assertThat(this.predicate.isExportable(span(null, 4, Map.of()))).isTrue();
		assertThat(this.tagsAsked).hasValue(1);
	}

	private FinishedSpan span(Span.@Nullable Kind kind, int millis, Map<String, String> tags) {
		return (FinishedSpan) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { FinishedSpan.class },
				(proxy, method, arguments) -> switch (method.getName()) {
					case "getKind" -> kind;
					case "getStartTimestamp" -> START;
					case "getEndTimestamp" -> START.plusMillis(millis);
					case "getTags" -> {
						this.tagsAsked.incrementAndGet();
						yield tags;
					}
					case "getError" -> null;
					default -> throw new UnsupportedOperationException(method.getName());
				});
	}

}
