package io.nettrace.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import org.assertj.core.data.Offset;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A HAR file, checked against a schema of the format and what the format says of times.
 *
 * @param entries its entries
 */
record HarFile(List<JsonNode> entries) {

	private static final JsonMapper mapper = JsonMapper.shared();

	static HarFile read(String json) {
		JsonNode file = mapper.readTree(json);
		assertThat(schema().validate(file,
				(execution) -> execution.executionConfig((config) -> config.formatAssertionsEnabled(true))))
			.isEmpty();
		List<JsonNode> entries = file.get("log").get("entries").valueStream().toList();
		assertThat(entries).allSatisfy(HarFile::addsUp);
		return new HarFile(entries);
	}

	private static Schema schema() {
		try (InputStream schema = HarFile.class.getResourceAsStream("/har-1.2.schema.json")) {
			return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
				.getSchema(Objects.requireNonNull(schema));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * The time is the sum of all timings that there are, without that of TLS, which is
	 * part of the connect.
	 */
	private static void addsUp(JsonNode entry) {
		JsonNode timings = entry.get("timings");
		double sum = 0;
		for (String phase : List.of("blocked", "dns", "connect", "send", "wait", "receive")) {
			sum += Math.max(0, timings.get(phase).asDouble());
		}
		assertThat(sum).isCloseTo(entry.get("time").asDouble(), Offset.offset(1e-6));
		assertThat(timings.get("ssl").asDouble()).isLessThanOrEqualTo(timings.get("connect").asDouble());
	}

}
