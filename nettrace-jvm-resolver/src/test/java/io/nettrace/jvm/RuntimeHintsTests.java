package io.nettrace.jvm;

import java.net.spi.InetAddressResolverProvider;

import io.nettrace.autoconfigure.NetTraceAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.javapoet.ClassName;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a native image of an application with the module is told.
 */
class RuntimeHintsTests {

	@Test
	void imageFindsTheProvider() throws NoSuchMethodException {
		RuntimeHints hints = process();
		assertThat(RuntimeHintsPredicates.resource()
			.forResource("META-INF/services/" + InetAddressResolverProvider.class.getName())).accepts(hints);
		assertThat(RuntimeHintsPredicates.reflection()
			.onConstructorInvocation(NetTraceInetAddressResolverProvider.class.getConstructor())).accepts(hints);
	}

	private static RuntimeHints process() {
		DefaultGenerationContext generation = new DefaultGenerationContext(
				new ClassNameGenerator(ClassName.get("com.example", "Orders")), new InMemoryGeneratedFiles());
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			context.register(NetTraceAutoConfiguration.class);
			new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
		}
		return generation.getRuntimeHints();
	}

}
