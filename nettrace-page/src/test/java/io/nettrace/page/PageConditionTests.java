package io.nettrace.page;

import java.io.File;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

import io.nettrace.autoconfigure.NetTraceAutoConfiguration;
import io.nettrace.autoconfigure.NetTraceObservationAutoConfiguration;
import io.nettrace.observation.recent.RecentRequests;
import io.nettrace.page.SampleApplication.Kind;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.devtools.system.DevToolsEnablementDeducer;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.web.reactive.DispatcherHandler;
import org.springframework.web.servlet.DispatcherServlet;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When there is a page. Devtools are on the class path here, but not at work in tests.
 */
@Tag("one-jdk")
class PageConditionTests {

	private static final AutoConfigurations CONFIGURATIONS = AutoConfigurations.of(ObservationAutoConfiguration.class,
			NetTraceAutoConfiguration.class, NetTraceObservationAutoConfiguration.class,
			NetTracePageAutoConfiguration.class);

	private static final String ROUTE = "netTracePageRoute";

	private final WebApplicationContextRunner servlet = new WebApplicationContextRunner()
		.withConfiguration(CONFIGURATIONS);

	private final ReactiveWebApplicationContextRunner reactive = new ReactiveWebApplicationContextRunner()
		.withConfiguration(CONFIGURATIONS);

	@Test
	void isThereIfAskedFor() {
		this.servlet.withPropertyValues("nettrace.page.enabled=true")
			.run((context) -> assertThat(context).hasBean(ROUTE).hasSingleBean(RecentRequests.class));
		this.reactive.withPropertyValues("nettrace.page.enabled=true")
			.run((context) -> assertThat(context).hasBean(ROUTE).hasSingleBean(RecentRequests.class));
	}

	@Test
	void isNotThereInATestAndKeepsNothing() {
		this.servlet.run((context) -> assertThat(context).doesNotHaveBean(ROUTE).doesNotHaveBean(RecentRequests.class));
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void isThereWithDevTools(Kind kind) {
		assertThat(outsideOfTests(() -> hasPage(kind))).isTrue();
	}

	@Test
	void isNotThereIfDeclined() {
		assertThat(outsideOfTests(() -> hasPage(Kind.SERVLET, "nettrace.page.enabled=false"))).isFalse();
	}

	private static boolean hasPage(Kind kind, String... properties) {
		try (SampleApplication application = SampleApplication.start(kind, properties)) {
			return application.hasPage();
		}
	}

	/**
	 * A launcher or a servlet container loads the classes of a packaged application, also
	 * devtools if they were packaged.
	 */
	@Test
	void devToolsMustBeThereAndNotPackaged() throws Exception {
		ClassLoader development = getClass().getClassLoader();
		assertThat(outsideOfTests(() -> hasDevTools(development, development))).isTrue();
		assertThat(outsideOfTests(() -> hasDevTools(development,
				new FilteredClassLoader(DevToolsEnablementDeducer.class.getPackageName()))))
			.isFalse();
		try (URLClassLoader packaged = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
			assertThat(outsideOfTests(() -> hasDevTools(packaged, packaged))).isFalse();
		}
	}

	@Test
	void isNotThereWithoutAWebApplication() {
		new ApplicationContextRunner().withConfiguration(CONFIGURATIONS)
			.withPropertyValues("nettrace.page.enabled=true")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(ROUTE)
				.doesNotHaveBean(RecentRequests.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "nettrace.enabled=false", "nettrace.observations.exchanges=false" })
	void isNotThereIfNothingIsRecorded(String property) {
		this.servlet.withPropertyValues("nettrace.page.enabled=true", property)
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ROUTE));
	}

	@Test
	void filesAreInANativeImage() {
		RuntimeHints hints = new RuntimeHints();
		new PageRuntimeHints().registerHints(hints, null);
		assertThat(PageResponses.files()).contains("index.html")
			.allSatisfy((file) -> assertThat(RuntimeHintsPredicates.resource().forResource("io/nettrace/page/" + file))
				.accepts(hints));
	}

	@Test
	void needsOneWebStackOnly() {
		this.servlet.withPropertyValues("nettrace.page.enabled=true")
			.withClassLoader(new FilteredClassLoader(DispatcherHandler.class.getPackageName(), "reactor"))
			.run((context) -> assertThat(context).hasBean(ROUTE));
		this.reactive.withPropertyValues("nettrace.page.enabled=true")
			.withClassLoader(new FilteredClassLoader(DispatcherServlet.class.getPackageName(),
					"org.springframework.boot.webmvc", "jakarta.servlet"))
			.run((context) -> assertThat(context).hasBean(ROUTE));
	}

	@ParameterizedTest
	@ValueSource(strings = { "/internal/net-trace_1.2~x", "/.well-known/net" })
	void acceptsAPath(String path) {
		this.servlet.withPropertyValues("nettrace.page.enabled=true", "nettrace.page.path=" + path)
			.run((context) -> assertThat(context).hasBean(ROUTE));
	}

	@ParameterizedTest
	@ValueSource(strings = { "nettrace", "/", "/nettrace/", "//nettrace", "/a/../b", "/{name}", "/a b" })
	void rejectsWhatIsNoPath(String path) {
		this.servlet.withPropertyValues("nettrace.page.enabled=true", "nettrace.page.path=" + path)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("nettrace.page.path")
				.hasMessageEndingWith("not " + path));
	}

	@Test
	void rejectsWhatIsNeitherTrueNorFalse() {
		this.servlet.withPropertyValues("nettrace.page.enabled=maybe")
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining("Failed to bind properties under 'nettrace.page.enabled'"));
	}

	/**
	 * Devtools know a test by what is on the stack.
	 */
	private static <T> T outsideOfTests(Callable<T> task) {
		FutureTask<T> future = new FutureTask<>(task);
		new Thread(future, "restartedMain").start();
		try {
			return future.get();
		}
		catch (InterruptedException | ExecutionException ex) {
			throw new AssertionError(ex);
		}
	}

	private static URL[] classPath() {
		return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)).map((entry) -> {
			try {
				return Path.of(entry).toUri().toURL();
			}
			catch (MalformedURLException ex) {
				throw new IllegalStateException(ex);
			}
		}).toArray(URL[]::new);
	}

	private static boolean hasDevTools(ClassLoader condition, ClassLoader application)
			throws ReflectiveOperationException {
		Method method = condition.loadClass(OnPageCondition.class.getName())
			.getDeclaredMethod("hasDevTools", ClassLoader.class);
		method.setAccessible(true);
		return Boolean.TRUE.equals(method.invoke(null, application));
	}

}
