package io.nettrace.contract.httptrace;

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
	 * Send a request, on the thread of its caller, and tell the call what becomes of it.
	 * Returns when the caller is done with the response.
	 */
	void send(Call call) throws Exception;

	/**
	 * Close the connections that carry no request.
	 */
	void closeIdleConnections();

	void close() throws Exception;

	/**
	 * What a client is made of.
	 *
	 * @param scenario the scenario
	 * @param addresses where its addresses are
	 * @param names its names
	 * @param certificates its certificates
	 * @param tracing where requests get their traces
	 */
	record Setup(Scenario scenario, Addresses addresses, ScriptedNames names, Certificates certificates,
			NetTracing tracing) {

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

		void unsupportedIf(boolean condition, String reason) {
			if (condition) {
				throw new UnsupportedException(reason);
			}
		}

	}

}
