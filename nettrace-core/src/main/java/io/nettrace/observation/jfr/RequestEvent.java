package io.nettrace.observation.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/**
 * The record of a request as an event. It is written when the request is over, so its
 * times are fields and not its duration.
 */
@Name("nettrace.Request")
@Label("HTTP Client Request")
@Description("Where the time of an outgoing HTTP request went")
@Category({ "nettrace" })
@Enabled(false)
@StackTrace(false)
final class RequestEvent extends Event {

	@Label("Host")
	@Nullable String host;

	@Label("Port")
	int port;

	@Label("Error Type")
	@Nullable String errorType;

	@Label("Verdict")
	@Description("The phase in which the request failed, or else the one that took longest")
	@Nullable String verdict;

	@Label("Failures")
	@Nullable String failures;

	@Label("Exchanges")
	int exchanges;

	@Label("Connection")
	@Description("The number of the connection, 0 if the request got none")
	long connectionId;

	@Label("Connection Reused")
	boolean reused;

	@Label("Connection Idle Time")
	@Timespan(Timespan.NANOSECONDS)
	long idle;

	@Label("Total Time")
	@Timespan(Timespan.NANOSECONDS)
	long total;

	@Label("Time in Queue")
	@Timespan(Timespan.NANOSECONDS)
	long queue;

	@Label("DNS Time")
	@Timespan(Timespan.NANOSECONDS)
	long dns;

	@Label("Connect Time")
	@Timespan(Timespan.NANOSECONDS)
	long connect;

	@Label("Proxy Time")
	@Timespan(Timespan.NANOSECONDS)
	long proxy;

	@Label("TLS Time")
	@Timespan(Timespan.NANOSECONDS)
	long tls;

	@Label("Send Time")
	@Timespan(Timespan.NANOSECONDS)
	long send;

	@Label("Wait Time")
	@Timespan(Timespan.NANOSECONDS)
	long wait;

	@Label("Receive Time")
	@Timespan(Timespan.NANOSECONDS)
	long receive;

	@Label("Other Time")
	@Timespan(Timespan.NANOSECONDS)
	long other;

}
