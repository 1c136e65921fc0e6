package io.nettrace.contract.httptrace;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The reader of scenarios.
 */
class ScenarioTests {

	private static final String SCENARIO = """
			{
			  "name": "any",
			  "client": {"tls_min": "1.2", "max_conns_per_host": 1},
			  "dns": {"a.test.example": {"addresses": ["10.77.0.1"], "delay_ms": [100]}},
			  "network": {"10.77.0.1": {"connect": "accept"}},
			  "servers": [{"at": ["10.77.0.1:8080"], "connections": [{"each": [[{"read": "request"}, {"do": "reset"}]]}]}],
			  "requests": [{"by": "1", "method": "GET", "url": "http://a.test.example:8080/", "read": "all_leave"}],
			  "go": {"version": "go1.26.8", "unheard": 1, "events": [{"event": "call", "by": "1", "t_ms": 0}], "before": []}
			}""";

	@TempDir
	private Path folder;

	private Scenario read(String json) throws IOException {
		return Scenario.read(Files.writeString(this.folder.resolve("any.json"), json));
	}

	@Test
	void everyScenarioIsRead() {
		List<Scenario> scenarios = ScenarioFolder.chosen().scenarios();
		assertThat(scenarios).allSatisfy((scenario) -> assertThat(scenario.go().events()).map(Event::of).isNotEmpty());
		assertThat(scenarios).extracting(Scenario::name).doesNotHaveDuplicates();
	}

	@Test
	void fieldsAreRead() throws IOException {
		Scenario scenario = read(SCENARIO);
		assertThat(scenario.client().tlsMin()).isEqualTo(Scenario.TlsVersion.TLS_1_2);
		assertThat(scenario.client().maxConnsPerHost()).isOne();
		assertThat(scenario.client().dialTimeoutMs()).isNull();
		assertThat(scenario.dns())
			.containsOnly(Map.entry("a.test.example", new Scenario.Dns(List.of("10.77.0.1"), null, List.of(100))));
		assertThat(scenario.servers().get(0).connections().get(0).each().get(0)).extracting(Scenario.Step::ending)
			.containsExactly(null, Scenario.Ending.RESET);
		assertThat(scenario.requests()).extracting(Scenario.Request::read).containsExactly(Scenario.ReadMode.ALL_LEAVE);
		assertThat(scenario.actions()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			"max_conns_per_host" | "max_streams"     | max_streams
			"10.77.0.1"\\]       | "10.77.0.1"], "x": 1 | "x"
			"reset"              | "explode"         | "do"
			"accept"             | "bounce"          | "connect"
			"all_leave"          | "some"            | "read"
			"1.2"                | "1.4"             | "tls_min"
			"by": "1", "m        | "m                | 'by' is missing
			"event": "call"      | "event": "cull"   | 'cull' is not known
			""")
	void unknownFieldOrValueIsNamed(String search, String replacement, String named) {
		String json = SCENARIO.replaceFirst(search, replacement);
		assertThat(json).isNotEqualTo(SCENARIO);
		assertThatIllegalArgumentException().isThrownBy(() -> read(json))
			.withMessageStartingWith("any.json: ")
			.withMessageContaining(named);
	}

	@Test
	void addressesHaveAPlaceOnThisMachine() {
		Addresses addresses = new Addresses();
		String real = addresses.real("10.77.0.9").getHostAddress();
		assertThat(real).matches("127\\.\\d+\\.77\\.9");
		assertThat(addresses.real(URI.create("http://10.77.0.9/a?b"))).hasToString("http://" + real + ":10080/a?b");
		assertThat(addresses.real(URI.create("https://u:p@a.example:8443/")))
			.hasToString("https://u:p@a.example:18443/");
		assertThat(addresses.realMessage("HTTP/1.1 302 Found\r\nLocation: http://10.77.0.9:8080/x\r\n\r\n"))
			.isEqualTo("HTTP/1.1 302 Found\r\nLocation: http://" + real + ":18080/x\r\n\r\n");
		assertThat(addresses.ofScenario(real, 18080)).isEqualTo("10.77.0.9:8080");
		assertThat(addresses.ofScenario("2001:db8:77::1", 18080)).isEqualTo("[2001:db8:77::1]:8080");
		assertThat(addresses.ofScenario("a.example", 10443)).isEqualTo("a.example:443");
	}

}
