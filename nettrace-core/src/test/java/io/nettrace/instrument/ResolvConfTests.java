package io.nettrace.instrument;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ResolvConfTests {

	private static final String KUBERNETES = """
			nameserver 10.96.0.10
			search default.svc.cluster.local svc.cluster.local cluster.local
			options ndots:5
			""";

	private static ResolvConf glibc(String text) {
		return ResolvConf.parse(text.lines().toList(), false, null, null);
	}

	private static ResolvConf musl(String text) {
		return ResolvConf.parse(text.lines().toList(), true, null, null);
	}

	@ParameterizedTest
	@CsvSource({ "api.example.com, 8", "api.example.com., 2", "db, 8", "a.b.c.d.e.f, 8", "a.b.c.d.e.f., 2" })
	void numberOfQueriesInKubernetes(String host, int queries) {
		assertThat(glibc(KUBERNETES).maxQueries(host)).isEqualTo(queries);
	}

	@Test
	void hintSaysWhatToTry() {
		assertThat(glibc(KUBERNETES).hint("api.example.com"))
			.isEqualTo("/etc/resolv.conf (ndots:5, 3 search domains) makes up to 8 queries of api.example.com; "
					+ "try api.example.com. with its final dot, 2");
	}

	@ParameterizedTest
	@CsvSource({ "api.example.com.", "a.b.c.d.e.f", "''" })
	void nameThatIsLookedUpAsItIsHasNoHint(String host) {
		assertThat(glibc(KUBERNETES).hint(host)).isNull();
	}

	/**
	 * Musl looks up a name with enough dots as it is, and nothing else, and asks all name
	 * servers at once.
	 */
	@Test
	void muslAsksInAnotherWay() {
		ResolvConf musl = musl(KUBERNETES + "nameserver 10.96.0.11\n");
		assertThat(musl.maxQueries("api.example.com")).isEqualTo(16);
		assertThat(musl.maxQueries("a.b.c.d.e.f")).isEqualTo(4);
		assertThat(musl.hint("api.example.com"))
			.isEqualTo("/etc/resolv.conf (ndots:5, 3 search domains) makes up to 16 queries of api.example.com, "
					+ "as musl asks all name servers at once; try api.example.com. with its final dot, 4");
		assertThat(musl.hint("a.b.c.d.e.f")).isNull();
		assertThat(glibc(KUBERNETES).hint("api.example.com")).doesNotContain("musl");
		assertThat(musl(KUBERNETES).hint("api.example.com")).as("one name server")
			.isEqualTo(glibc(KUBERNETES).hint("api.example.com"));
	}

	@Test
	void muslReadsTheFileInAnotherWay() {
		assertThat(musl("domain a.test b.test\n").maxQueries("db")).isEqualTo(6);
		assertThat(musl("search a.test\noptions ndots:3\noptions ndots:\n").hint("a.b")).contains("ndots:3");
		assertThat(musl("search a.test\noptions ndots:0\n").hint("db")).isNull();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "-",
			value = { "search a.test|2", "search a.test b.test|3", "search a.test\\nsearch b.test c.test d.test|4",
					"search a.test b.test\\ndomain c.test|2", "domain c.test\\nsearch a.test b.test|3",
					"# search a.test|1", "; search a.test|1", "search  a.test\\t|2", "' search a.test'|1",
					"search a.test #b.test|3", "search|1", "nothing|1", "''|1" })
	void lastSearchOrDomainCounts(String lines, int names) {
		String text = lines.replace("\\n", "\n").replace("\\t", "\t") + "\noptions ndots:9\n";
		assertThat(glibc(text).maxQueries("host")).isEqualTo(2 * names);
	}

	@ParameterizedTest
	@CsvSource({ "options ndots:0, 0", "options ndots:3, 3", "options rotate ndots:3 timeout:1, 3", "options ndots:, 0",
			"options ndots:x, 0", "options ndots:99, 15", "options ndots:99999999999, 15", "options attempts:3, 1",
			"options, 1", "options ndots:3x, 3" })
	void ndotsAsGlibcReadsIt(String options, int ndots) {
		ResolvConf conf = glibc("search a.test\n" + options + "\n");
		for (int dots = 0; dots <= 16; dots++) {
			String host = "a" + ".a".repeat(dots);
			assertThat(conf.hint(host) != null).as("%d dots", dots).isEqualTo(dots < ndots);
		}
	}

	@Test
	void onlyAIfSoIsSaid() {
		assertThat(glibc(KUBERNETES + "options no-aaaa\n").maxQueries("api.example.com")).isEqualTo(4);
		assertThat(musl(KUBERNETES + "options no-aaaa\n").maxQueries("api.example.com")).isEqualTo(8);
	}

	@Test
	void environmentOfGlibc() {
		List<String> lines = KUBERNETES.lines().toList();
		assertThat(ResolvConf.parse(lines, false, "a.test", null).maxQueries("host")).isEqualTo(4);
		assertThat(ResolvConf.parse(lines, false, null, "ndots:1").hint("api.example.com")).isNull();
		assertThat(ResolvConf.parse(lines, true, "a.test", "ndots:1").maxQueries("api.example.com")).isEqualTo(8);
	}

	@Test
	void fileWithoutSearchDomainsHasNoHint() {
		assertThat(glibc("nameserver 10.0.0.1\noptions ndots:5\n").hint("host")).isNull();
		assertThat(glibc("").hint("host")).isNull();
	}

	@Test
	void processOnMuslIsToldByItsMemory(@TempDir Path directory) throws IOException {
		assertThat(isMusl(directory, "7f0 r-xp /usr/lib/x86_64-linux-gnu/libc.so.6")).isFalse();
		assertThat(isMusl(directory, "7f0 r-xp /lib/ld-musl-x86_64.so.1")).isTrue();
		assertThat(isMusl(directory, "7f0 r-xp /lib/libc.musl-aarch64.so.1")).isTrue();
		assertThat(isMusl(directory, null)).isFalse();
	}

	private static boolean isMusl(Path directory, @Nullable String maps) throws IOException {
		Path file = directory.resolve("maps");
		Files.deleteIfExists(file);
		if (maps != null) {
			Files.writeString(file, maps + "\n");
		}
		return ResolvConf.isMusl(file);
	}

	@Test
	void machineIsReadWithoutFailure() {
		assertThat(ResolvConf.current().maxQueries("host.")).isPositive();
	}

}
