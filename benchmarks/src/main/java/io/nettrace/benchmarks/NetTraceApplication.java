package io.nettrace.benchmarks;

import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.DnsResolver;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What nettrace puts into an application's clients.
 */
@State(Scope.Thread)
public class NetTraceApplication {

	/**
	 * What listens.
	 */
	@Param
	public Watching watching = Watching.NONE;

	/**
	 * Whether lookups share answers.
	 */
	@Param({ "false", "true" })
	public boolean singleFlight;

	DnsResolver resolver;

	NetTracing tracing;

	private Application application;

	/**
	 * Start the application.
	 */
	@Setup
	public void start() {
		this.application = new Application(this.watching,
				"nettrace.dns.single-flight=" + (this.singleFlight ? "always" : "never"));
		this.resolver = this.application.bean(NetTraceHttpComponents.class).dnsResolver(new StubDnsResolver());
		this.tracing = this.application.bean(NetTracing.class);
	}

	/**
	 * Stop the application.
	 */
	@TearDown
	public void stop() {
		this.application.close();
	}

}
