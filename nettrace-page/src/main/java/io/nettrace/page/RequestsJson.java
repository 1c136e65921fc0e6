package io.nettrace.page;

import java.util.List;

import io.nettrace.observation.recent.RecentRequest;
import org.springframework.boot.json.JsonWriter;

/**
 * Requests as JSON, as the actuator's endpoint returns them. Not written by the
 * application's own mapper, which may have other names and formats, and which may not be
 * Jackson's.
 */
final class RequestsJson {

	private static final JsonWriter<RecentRequest.Opener> OPENER = JsonWriter.of((members) -> {
		members.add("traceId", RecentRequest.Opener::traceId).whenNotNull();
		members.add("spanId", RecentRequest.Opener::spanId).whenNotNull();
		members.add("requestId", RecentRequest.Opener::requestId).whenNotNull();
	});

	private static final JsonWriter<RecentRequest.Connection> CONNECTION = JsonWriter.of((members) -> {
		members.add("id", RecentRequest.Connection::id);
		members.add("reused", RecentRequest.Connection::reused);
		members.add("idle", RecentRequest.Connection::idle).whenNotNull();
		members.add("age", RecentRequest.Connection::age);
		members.add("requests", RecentRequest.Connection::requests);
		members.add("peerAddress", RecentRequest.Connection::peerAddress).whenNotNull();
		members.add("peerPort", RecentRequest.Connection::peerPort).whenNotNull();
		members.add("protocol", RecentRequest.Connection::protocol).whenNotNull();
		members.add("tls", RecentRequest.Connection::tls).whenNotNull();
		members.add("openedBy", RecentRequest.Connection::openedBy).whenNotNull().as(OPENER::write);
	});

	private static final JsonWriter<RecentRequest.Step> STEP = JsonWriter.of((members) -> {
		members.add("phase", RecentRequest.Step::phase);
		members.add("name", RecentRequest.Step::name);
		members.add("start", RecentRequest.Step::start);
		members.add("duration", RecentRequest.Step::duration);
		members.add("error", RecentRequest.Step::error).whenNotNull();
		members.add("addresses", RecentRequest.Step::addresses);
		members.add("detail", RecentRequest.Step::detail).whenNotNull();
		members.add("exchange", RecentRequest.Step::exchange);
	});

	private static final JsonWriter<RecentRequest.Failure> FAILURE = JsonWriter.of((members) -> {
		members.add("phase", RecentRequest.Failure::phase);
		members.add("error", RecentRequest.Failure::error);
		members.add("detail", RecentRequest.Failure::detail).whenNotNull();
	});

	private static final JsonWriter<RecentRequest> REQUEST = JsonWriter.of((members) -> {
		members.add("id", RecentRequest::id);
		members.add("time", RecentRequest::time);
		members.add("client", RecentRequest::client).whenNotNull();
		members.add("method", RecentRequest::method).whenNotNull();
		members.add("uri", RecentRequest::uri).whenNotNull();
		members.add("host", RecentRequest::host).whenNotNull();
		members.add("port", RecentRequest::port).whenNotNull();
		members.add("secure", RecentRequest::secure);
		members.add("status", RecentRequest::status).whenNotNull();
		members.add("error", RecentRequest::error).whenNotNull();
		members.add("duration", RecentRequest::duration);
		members.add("verdict", RecentRequest::verdict);
		members.add("words", RecentRequest::words);
		members.add("traceId", RecentRequest::traceId).whenNotNull();
		members.add("spanId", RecentRequest::spanId).whenNotNull();
		members.add("exchanges", RecentRequest::exchanges);
		members.add("connection", RecentRequest::connection).whenNotNull().as(CONNECTION::write);
		members.add("phases", RecentRequest::phases);
		members.add("steps", RecentRequest::steps).as((steps) -> steps.stream().map(STEP::write).toList());
		members.add("moreSteps", RecentRequest::moreSteps);
		members.add("failures", RecentRequest::failures).as((all) -> all.stream().map(FAILURE::write).toList());
	});

	private static final JsonWriter<List<RecentRequest>> REQUESTS = JsonWriter
		.of((members) -> members.add("requests", (requests) -> requests.stream().map(REQUEST::write).toList()));

	private RequestsJson() {
	}

	static String of(List<RecentRequest> requests) {
		return REQUESTS.writeToString(requests);
	}

}
