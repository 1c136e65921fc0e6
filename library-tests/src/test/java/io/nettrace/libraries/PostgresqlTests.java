package io.nettrace.libraries;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.nettrace.test.TestAuthority;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.postgresql.Driver;
import org.springframework.beans.factory.config.AutowireCapableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThatException;

/**
 * PostgreSQL's JDBC driver in HikariCP, with datasource-micrometer. The driver asks the
 * JVM's resolver, and tries one address of a name.
 */
@EnabledIf(value = "isInstalled", disabledReason = "there is no PostgreSQL server")
@Library(name = "PostgreSQL's JDBC driver, HikariCP", of = Driver.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.libraries.jdbc.enabled", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the connection span of datasource-micrometer, if the first connection is made for it, or else the current observation; nothing, if the pool's thread makes it")
class PostgresqlTests extends LibraryTest {

	private static final boolean ROOT = System.getProperty("user.name").equals("root");

	static boolean isInstalled() {
		return Files.isExecutable(ProcessPeer.program("initdb"));
	}

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("net.ttddyy.observation.");
	}

	@Override
	Peer startPeer() {
		return startServer();
	}

	/**
	 * A server with TLS, which asks for no password.
	 */
	static Peer startServer() {
		try {
			Path directory = owned(Files.createTempDirectory("postgresql"));
			Path data = directory.resolve("data");
			run(command("initdb", "-D", data.toString(), "-A", "trust", "-U", "app", "--no-sync", "-E", "UTF8",
					"--locale=C"));
			TestAuthority.Server server = TestAuthority.create("authority").server("one.test", "slow.test");
			writePem(directory, server.keys());
			int port = ProcessPeer.freePort();
			return ProcessPeer.start(directory, port,
					command("postgres", "-D", data.toString(), "-h", "127.0.0.1", "-p", String.valueOf(port), "-k",
							directory.toString(), "-F", "-c", "ssl=on", "-c",
							"ssl_cert_file=" + directory.resolve("server.crt"), "-c",
							"ssl_key_file=" + directory.resolve("server.key")));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException | GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * The server does not run as root.
	 */
	private static List<String> command(String program, String... arguments) {
		List<String> command = new ArrayList<>();
		if (ROOT) {
			command.addAll(List.of("runuser", "-u", "postgres", "--"));
		}
		command.add(ProcessPeer.program(program).toString());
		command.addAll(List.of(arguments));
		return command;
	}

	private static void run(List<String> command) throws IOException, InterruptedException {
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		if (process.waitFor() != 0) {
			throw new IllegalStateException(output);
		}
	}

	private static Path owned(Path path) throws IOException {
		if (ROOT) {
			Files.setOwner(path,
					path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("postgres"));
		}
		return path;
	}

	private static void writePem(Path directory, KeyStore keys) throws IOException, GeneralSecurityException {
		String alias = keys.aliases().nextElement();
		byte[] key = keys.getKey(alias, TestAuthority.PASSWORD.toCharArray()).getEncoded();
		Files.writeString(directory.resolve("server.crt"), pem("CERTIFICATE", keys.getCertificate(alias).getEncoded()));
		Path file = Files.createFile(directory.resolve("server.key"),
				PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
		Files.writeString(file, pem("PRIVATE KEY", key));
		owned(file);
	}

	private static String pem(String type, byte[] bytes) {
		return "-----BEGIN " + type + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + type
				+ "-----\n";
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		return callUrl(application, "jdbc:postgresql://" + host + ":" + peer().port() + "/postgres?user=app");
	}

	private static String callUrl(LibraryApplication application, String url) throws Exception {
		return application.business(() -> query(application.bean(Pools.class).of(url)));
	}

	private static String query(DataSource dataSource) throws SQLException {
		try (Connection connection = dataSource.getConnection();
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("SELECT 'answer'")) {
			result.next();
			return result.getString(1);
		}
	}

	@Override
	boolean triesEachAddress() {
		return false;
	}

	@Override
	boolean asksTheJvm() {
		return true;
	}

	@Override
	String expectedResult() {
		return "answer";
	}

	/**
	 * datasource-micrometer makes the pool's first connection when it wraps the pool, to
	 * learn its name. If that fails, the first caller tries again.
	 */
	@Override
	String expectedTree() {
		return """
				business
				  DNS lookup one.test: 127.0.0.9
				  socket connect 127.0.0.9
				  TLS handshake one.test
				  connection
				  query
				  result-set
				""";
	}

	@Test
	@Override
	void showsAddressThatRefuses() {
		assertThatException().isThrownBy(() -> call(application(), "two.test"));
		awaitTree("""
				business !
				  DNS lookup two.test: 127.0.0.8
				  socket connect ! 127.0.0.8: connection_refused
				  connection !
				    DNS lookup two.test: 127.0.0.8
				    socket connect ! 127.0.0.8: connection_refused
				""");
	}

	@Test
	void showsNameThatDoesNotExist() {
		assertThatException().isThrownBy(() -> call(application(), "unknown.test"));
		awaitTree("""
				business !
				  DNS lookup ! unknown.test: host_not_found
				  connection !
				    DNS lookup ! unknown.test: host_not_found
				""");
	}

	@Test
	void anAddressIsNotLookedUpAndThereMayBeNoHandshake() throws Exception {
		callUrl(application(), "jdbc:postgresql://127.0.0.9:" + peer().port() + "/postgres?user=app&sslmode=disable");
		awaitTree("""
				business
				  socket connect 127.0.0.9
				  connection
				  query
				  result-set
				""");
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		Pools pools(AutowireCapableBeanFactory factory) {
			return new Pools(factory);
		}

	}

	/**
	 * Makes a bean of each pool, as {@code spring.datasource.url} does of one: a test
	 * calls several hosts.
	 */
	static final class Pools implements AutoCloseable {

		private final AutowireCapableBeanFactory factory;

		private final Map<String, DataSource> beans = new ConcurrentHashMap<>();

		private final Queue<HikariDataSource> pools = new ConcurrentLinkedQueue<>();

		Pools(AutowireCapableBeanFactory factory) {
			this.factory = factory;
		}

		DataSource of(String url) {
			return this.beans.computeIfAbsent(url, (key) -> {
				HikariDataSource pool = new HikariDataSource();
				pool.setJdbcUrl(url);
				pool.setMaximumPoolSize(1);
				this.pools.add(pool);
				return (DataSource) this.factory.initializeBean(pool, "dataSource");
			});
		}

		@Override
		public void close() {
			this.pools.forEach(HikariDataSource::close);
		}

	}

}
