package io.nettrace.observation.jfr;

import java.util.stream.Collectors;

import io.micrometer.observation.Observation;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.observation.ErrorType;
import io.nettrace.observation.HostName;
import io.nettrace.observation.Phase;
import io.nettrace.observation.RequestRecord;
import io.nettrace.observation.RequestRecordSink;

/**
 * Writes the record of each request as an event {@code nettrace.Request} of Java Flight
 * Recorder, as long as a recording asks for it.
 */
public final class FlightRecorderSink implements RequestRecordSink {

	private final RequestEvent probe = new RequestEvent();

	private final boolean hideAddresses;

	/**
	 * Create a writer.
	 * @param hideAddresses whether a host that is an IP address is not shown
	 */
	public FlightRecorderSink(boolean hideAddresses) {
		this.hideAddresses = hideAddresses;
	}

	@Override
	public boolean isNeeded() {
		return this.probe.isEnabled();
	}

	@Override
	public boolean waitsForResponse() {
		return true;
	}

	@Override
	public void write(Observation.Context request, RequestRecord record) {
		RequestEvent event = new RequestEvent();
		ConnectionTarget target = record.target();
		if (target != null) {
			event.host = (this.hideAddresses && HostName.isAddress(target.host())) ? "_IP" : target.host();
			event.port = target.port();
		}
		Throwable error = request.getError();
		event.errorType = (error != null) ? ErrorType.of(error) : null;
		event.verdict = record.verdict(error != null).toString();
		event.failures = record.failures()
			.stream()
			.map(RequestRecord.Failure::toString)
			.collect(Collectors.joining(", "));
		event.exchanges = record.exchanges();
		ConnectionInfo connection = record.connection();
		if (connection != null) {
			event.connectionId = connection.id();
			event.reused = connection.reused();
			event.idle = connection.idleNanos();
		}
		event.total = record.total();
		event.queue = record.nanos(Phase.QUEUE);
		event.dns = record.nanos(Phase.DNS);
		event.connect = record.nanos(Phase.CONNECT);
		event.proxy = record.nanos(Phase.PROXY);
		event.tls = record.nanos(Phase.TLS);
		event.send = record.nanos(Phase.SEND);
		event.wait = record.nanos(Phase.WAIT);
		event.receive = record.nanos(Phase.RECEIVE);
		event.other = record.nanos(Phase.OTHER);
		event.commit();
	}

}
