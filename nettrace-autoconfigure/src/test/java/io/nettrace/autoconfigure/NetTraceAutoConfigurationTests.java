package io.nettrace.autoconfigure;

import java.time.Duration;

import io.micrometer.observation.ObservationRegistry;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.dns.LookupSettings;
import io.nettrace.dns.SingleFlightPolicy;
import io.nettrace.instrument.NetTracing;
import io.nettrace.observation.ObservationNetTraceFactory;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class NetTraceAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ObservationAutoConfiguration.class, HttpClientAutoConfiguration.class,
				ImperativeHttpClientAutoConfiguration.class, NetTraceAutoConfiguration.class,
				NetTraceObservationAutoConfiguration.class, HttpComponentsNetTraceAutoConfiguration.class));

	@Test
	void configuresEverythingByDefault(CapturedOutput output) {
		this.contextRunner.run((context) -> {
			assertThat(context).hasSingleBean(NetTracing.class)
				.hasSingleBean(ObservationNetTraceFactory.class)
				.hasSingleBean(NetTraceHttpComponents.class);
			assertThat(context.getBean(LookupSettings.class)).usingRecursiveComparison()
				.isEqualTo(LookupSettings.defaults());
			assertThat(output).contains("nettrace shows RestClient on HttpComponents: dns, connect");
		});
	}

	@Test
	void backsOffWhenDisabled(CapturedOutput output) {
		this.contextRunner.withPropertyValues("nettrace.enabled=false").run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(NetTracing.class);
			assertThat(context.getBeanDefinitionNames()).noneMatch((name) -> name.contains("netTrace"));
			context.getBean(ClientHttpRequestFactoryBuilder.class).build();
			assertThat(output).doesNotContain("nettrace");
		});
	}

	@Test
	void backsOffWithoutHttpComponents(CapturedOutput output) {
		this.contextRunner.withClassLoader(new FilteredClassLoader(HttpClients.class)).run((context) -> {
			assertThat(context).hasNotFailed()
				.hasSingleBean(NetTracing.class)
				.doesNotHaveBean(NetTraceHttpComponents.class);
			assertThat(output).doesNotContain("HttpComponents: dns");
		});
	}

	@Test
	void backsOffWithoutAnObservationRegistry() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(NetTraceAutoConfiguration.class,
					NetTraceObservationAutoConfiguration.class, HttpComponentsNetTraceAutoConfiguration.class))
			.run((context) -> {
				assertThat(context).hasNotFailed()
					.doesNotHaveBean(ObservationRegistry.class)
					.doesNotHaveBean(ObservationNetTraceFactory.class)
					.hasSingleBean(NetTraceHttpComponents.class);
			});
	}

	@Test
	void leavesAClientLibraryAloneThatIsSwitchedOff() {
		this.contextRunner.withPropertyValues("nettrace.clients.http-components.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(NetTraceHttpComponents.class));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			nettrace.dns.timeout=-1s              | nettrace.dns.timeout' must be a duration of more than zero
			nettrace.dns.timeout=0                | nettrace.dns.timeout' must be a duration of more than zero
			nettrace.dns.timeout=soon             | nettrace.dns.timeout
			nettrace.dns.single-flight=perhaps    | nettrace.dns.single-flight
			nettrace.observations.max-hosts=0     | nettrace.observations.max-hosts' must be at least 1, not 0
			nettrace.observations.max-hosts=many  | nettrace.observations.max-hosts
			""")
	void startFailsOnABadValueAndNamesTheProperty(String property, String message) {
		this.contextRunner.withPropertyValues(property)
			.run((context) -> assertThat(context).getFailure().hasStackTraceContaining(message));
	}

	@Test
	void appliesTheSettings() {
		this.contextRunner.withPropertyValues("nettrace.dns.single-flight=never", "nettrace.dns.timeout=3s")
			.run((context) -> assertThat(context.getBean(LookupSettings.class))
				.extracting(LookupSettings::singleFlight, LookupSettings::timeout)
				.containsExactly(SingleFlightPolicy.NEVER, Duration.ofSeconds(3)));
	}

}
