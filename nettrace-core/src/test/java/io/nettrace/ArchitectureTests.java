package io.nettrace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which package may see which: a diamond with the hooks at the top, adapters at the
 * bottom.
 */
@Tag("one-jdk")
class ArchitectureTests {

	private static final JavaClasses classes = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
		.importPackages("io.nettrace");

	@Test
	void packagesFormADiamond() {
		Architectures.layeredArchitecture()
			.consideringOnlyDependenciesInLayers()
			.layer("hooks")
			.definedBy("io.nettrace")
			.layer("instrument")
			.definedBy("io.nettrace.instrument")
			.layer("concurrent")
			.definedBy("io.nettrace.concurrent")
			.layer("dns")
			.definedBy("io.nettrace.dns")
			.optionalLayer("dial")
			.definedBy("io.nettrace.dial")
			.layer("observation")
			.definedBy("io.nettrace.observation")
			.layer("saving")
			.definedBy("io.nettrace.observation.saving")
			.layer("spans")
			.definedBy("io.nettrace.observation.span")
			.layer("meters")
			.definedBy("io.nettrace.observation.meter")
			.layer("clients")
			.definedBy("io.nettrace.client..")
			.whereLayer("hooks")
			.mayNotAccessAnyLayer()
			.whereLayer("instrument")
			.mayOnlyAccessLayers("hooks")
			.whereLayer("concurrent")
			.mayNotAccessAnyLayer()
			.whereLayer("dns")
			.mayOnlyAccessLayers("hooks", "instrument", "concurrent")
			.whereLayer("dial")
			.mayOnlyAccessLayers("hooks", "instrument", "concurrent")
			.whereLayer("observation")
			.mayOnlyAccessLayers("hooks", "instrument", "saving")
			.whereLayer("saving")
			.mayNotAccessAnyLayer()
			.whereLayer("spans")
			.mayOnlyAccessLayers("hooks", "instrument", "observation", "saving")
			.whereLayer("meters")
			.mayOnlyAccessLayers("hooks", "instrument", "observation", "saving")
			.whereLayer("clients")
			.mayOnlyAccessLayers("hooks", "instrument", "concurrent", "dns", "dial")
			.check(classes);
	}

	/**
	 * But those on Netty see what is for all of them.
	 */
	@Test
	void clientsDoNotSeeEachOther() {
		SlicesRuleDefinition.slices()
			.matching("io.nettrace.client.(*)..")
			.should()
			.notDependOnEachOther()
			.ignoreDependency(DescribedPredicate.alwaysTrue(),
					JavaClass.Predicates.resideInAPackage("io.nettrace.client.netty"))
			.check(classes);
	}

	@Test
	void hooksNeedOnlyTheJdk() {
		ArchRuleDefinition.classes()
			.that()
			.resideInAPackage("io.nettrace")
			.and()
			.doNotHaveFullyQualifiedName(NetTraceContextAccessor.class.getName())
			.should()
			.onlyDependOnClassesThat()
			.resideInAnyPackage("io.nettrace", "java..", "org.jspecify..")
			.because("what implements a hook needs nothing else; only the accessor is for context-propagation")
			.check(classes);
	}

	@Test
	void instrumentNeedsOnlyTheHooks() {
		ArchRuleDefinition.classes()
			.that()
			.resideInAPackage("io.nettrace.instrument")
			.should()
			.onlyDependOnClassesThat()
			.resideInAnyPackage("io.nettrace", "io.nettrace.instrument", "java..", "javax.net.ssl..", "org.jspecify..")
			.because("it serves every client")
			.check(classes);
	}

	@Test
	void dnsAndDialKnowNoLibrary() {
		ArchRuleDefinition.classes()
			.that()
			.resideInAnyPackage("io.nettrace.dns", "io.nettrace.dial", "io.nettrace.concurrent")
			.should()
			.onlyDependOnClassesThat()
			.resideInAnyPackage("io.nettrace", "io.nettrace.instrument", "io.nettrace.dns", "io.nettrace.dial",
					"io.nettrace.concurrent", "java..", "org.jspecify..")
			.because("they serve every client")
			.check(classes);
	}

	@Test
	void everyPackageIsNullMarked() {
		classes.stream()
			.map((type) -> type.getPackage())
			.distinct()
			.forEach((javaPackage) -> assertThat(javaPackage.isAnnotatedWith(NullMarked.class))
				.as(javaPackage.getName() + " has a package-info with @NullMarked")
				.isTrue());
	}

	/**
	 * A reader who follows one call downwards is told of each file on the way.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "httpcomponents", "reactor" })
	void readmeLeavesOutNoFileOnTheWayOfACall(String library) throws IOException {
		String way = Files.readString(Path.of("..", "README.md")).split("## Follow one call", 2)[1];
		assertThat(classes.stream()
			.filter((type) -> type.getPackageName().equals("io.nettrace.client." + library))
			.filter((type) -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
			.map((type) -> "`" + type.getSimpleName() + "`")).isNotEmpty()
			.allSatisfy((name) -> assertThat(way).contains(name));
	}

}
