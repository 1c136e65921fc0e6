package io.nettrace.contract.httptrace;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

import javax.net.ssl.SSLContext;

import io.nettrace.dns.LookupSettings;
import io.nettrace.dns.SingleFlightPolicy;
import io.nettrace.instrument.NetTracing;

/**
 * A client library that sends the requests of a scenario, instrumented as an application
 * does it by hand. Its constructor makes the settings of the scenario, and throws an
 * {@link UnsupportedException} if the library has no such setting.
 */
interface TestClient {

	/**
	 * Why a body that is left unread is not supported.
	 */
	String TAKES_WHAT_IS_LEFT = "a body that is left: the library takes what fits into its buffer, and gives the connection back";

	/**
	 * Send a request on the caller's thread, and tell the call the outcome. Returns when
	 * the caller is done with the response.
	 */
	void send(Call call) throws Exception;

	/**
	 * Close the connections that carry no request.
	 */
	void closeIdleConnections();

	void close() throws Exception;

	/**
	 * What a client needs.
	 *
	 * @param scenario the scenario
	 * @param addresses where its addresses are
	 * @param names its names
	 * @param certificates its certificates
	 * @param tracing where requests get their traces
	 * @param pause its pauses
	 */
	record Setup(Scenario scenario, Addresses addresses, ScriptedNames names, Certificates certificates,
			NetTracing tracing, Pause pause) {

		Scenario.Client settings() {
			return this.scenario.client();
		}

		/**
		 * The resolvers are the scenarios' own, and two requests that dial share a lookup
		 * in Go (S12).
		 */
		LookupSettings lookupSettings() {
			return LookupSettings.defaults().withSingleFlight(SingleFlightPolicy.ALWAYS);
		}

		SSLContext tls() {
			return this.certificates.client();
		}

		String[] tlsProtocols() {
			return Scenario.TlsVersion.protocols(settings().tlsMin(), settings().tlsMax());
		}

		/**
		 * Whether a limit of idle connections can be reached.
		 */
		boolean limitsIdleConnections() {
			Integer limit = settings().maxIdleConnsPerHost();
			return limit != null && limit >= 0 && limit < this.scenario.requests().size();
		}

		/**
		 * Whether a server answers a request before it reads its body, which no
		 * {@code Expect} holds back.
		 */
		boolean answersBeforeBody() {
			return this.scenario.requests()
				.stream()
				.anyMatch((request) -> request.body() != null && !request.expectsContinue())
					&& scripts().anyMatch((script) -> stepAfterHead(script, (step) -> step.send() != null));
		}

		/**
		 * Whether a server reads a body that it has not asked for, as it should
		 * ({@code 100 Continue}).
		 */
		boolean readsBodyUnasked() {
			return scripts().anyMatch((script) -> stepAfterHead(script, (step) -> step.read() == Scenario.Read.BODY));
		}

		/**
		 * Whether a server sends an interim response other than {@code 100 Continue}.
		 */
		boolean sendsInterim() {
			return scripts().flatMap(List::stream)
				.anyMatch((step) -> step.send() != null && step.send().matches("(?s).*HTTP/1\\.1 1(?!00|01)\\d\\d .*"))
					|| this.scenario.servers()
						.stream()
						.flatMap((server) -> (server.h2() != null) ? server.h2().values().stream() : Stream.empty())
						.anyMatch((path) -> path.interim().stream().anyMatch((status) -> status != 100));
		}

		private Stream<List<Scenario.Step>> scripts() {
			return this.scenario.servers()
				.stream()
				.flatMap((server) -> server.connections().stream())
				.flatMap((connection) -> Stream.concat(Stream.of(connection.start()), connection.each().stream()));
		}

		/**
		 * Whether the next thing after a request's head that is read or sent is this.
		 */
		private static boolean stepAfterHead(List<Scenario.Step> script, Predicate<Scenario.Step> what) {
			boolean head = false;
			for (Scenario.Step step : script) {
				if (step.read() != null || step.send() != null) {
					if (head && what.test(step)) {
						return true;
					}
					head = step.read() == Scenario.Read.HEAD;
				}
			}
			return false;
		}

		/**
		 * Whether a body is neither read nor closed.
		 */
		boolean leavesBody() {
			return this.scenario.requests().stream().anyMatch((request) -> request.read() == Scenario.ReadMode.LEAVE);
		}

		void unsupportedIf(boolean condition, String reason) {
			if (condition) {
				throw new UnsupportedException(reason);
			}
		}

	}

}
