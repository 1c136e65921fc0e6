package io.nettrace.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import com.jayway.jsonpath.JsonPath;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each panel of Grafana's dashboard says what is normal and leads to what to do. That
 * none is empty is what {@code .ci/check-dashboard} says.
 */
class DashboardTests {

	private static final Pattern LINK = Pattern.compile("\\[What to do]\\(([^)]*)\\)");

	private final String dashboard;

	DashboardTests() throws IOException {
		this.dashboard = Files.readString(Path.of("../docker/grafana/dashboards/nettrace.json"));
	}

	@Test
	void rowsGoFromTheRequestDownwards() {
		assertThat(JsonPath.<List<String>>read(this.dashboard, "$.panels[?(@.type == 'row')].title")).containsExactly(
				"Requests", "Where time goes", "Pool and connections", "TLS and certificates", "DNS", "Connects");
		assertThat(JsonPath.<List<String>>read(this.dashboard, "$.templating.list[*].label"))
			.containsExactly("application", "client", "host");
	}

	@Test
	void panelsSayWhatIsNormalAndWhatToDo() throws IOException {
		Links links = new DocsSite(Path.of("..")).links();
		List<Map<String, String>> panels = JsonPath.read(this.dashboard, "$.panels[?(@.type != 'row')]");
		assertThat(panels).hasSizeGreaterThan(25);
		for (Map<String, String> panel : panels) {
			String description = String.valueOf(panel.get("description"));
			assertThat(description).as(panel.get("title")).contains("Normal: ");
			List<String> found = LINK.matcher(description).results().map((MatchResult link) -> link.group(1)).toList();
			assertThat(found).as(panel.get("title")).hasSize(1);
			found.forEach((link) -> links.resolve("README.md", link));
		}
		assertThat(links.broken()).isEmpty();
	}

	/**
	 * An exemplar is the id of a trace, which the data source leads to Jaeger with.
	 */
	@Test
	void latenciesHaveExemplars() {
		List<String> withExemplars = JsonPath.read(this.dashboard, "$.panels[*].targets[?(@.exemplar == true)].expr");
		assertThat(withExemplars).hasSizeGreaterThanOrEqualTo(8)
			.anyMatch((query) -> query.contains("http_client_requests"));
	}

}
