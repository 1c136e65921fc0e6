package io.nettrace.benchmarks;

import java.util.List;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;

/**
 * A step of a request with a span of its own, written with OpenTelemetry alone: each
 * attribute that nettrace gives to the span of a step that has succeeded.
 */
enum StepByHand {

	/**
	 * The request had to wait for a connection.
	 */
	WAIT("wait for connection") {

		@Override
		void describe(Span span) {
			span.setAttribute(SERVER, "localhost");
			span.setAttribute(PORT, 12_345L);
			span.setAttribute(QUEUE_OUTCOME, "reused");
			span.setAttribute(QUEUE_REASON, "host_limit");
		}

	},

	/**
	 * The name was looked up.
	 */
	LOOKUP("DNS lookup") {

		@Override
		void describe(Span span) {
			span.setAttribute(QUESTION, "localhost");
			span.setAttribute(COALESCED, false);
			span.setAttribute(ANSWERS, List.of("127.0.0.1"));
		}

	},

	/**
	 * An address was connected to.
	 */
	CONNECT("socket connect") {

		@Override
		void describe(Span span) {
			span.setAttribute(SERVER, "localhost");
			span.setAttribute(PORT, 12_345L);
			span.setAttribute(TRANSPORT, "tcp");
			span.setAttribute(TYPE, "ipv4");
			span.setAttribute(CONNECT_OUTCOME, "connected");
			span.setAttribute(PEER_ADDRESS, "127.0.0.1");
			span.setAttribute(PEER_PORT, 12_345L);
			span.setAttribute(ATTEMPT, 1L);
		}

	},

	/**
	 * The handshake was done.
	 */
	HANDSHAKE("TLS handshake") {

		@Override
		void describe(Span span) {
			span.setAttribute(SERVER, "localhost");
			span.setAttribute(VERSION, "1.3");
			span.setAttribute(RESUMED, true);
			span.setAttribute(PROTOCOL, "tls");
			span.setAttribute(CIPHER, "TLS_AES_256_GCM_SHA384");
			span.setAttribute(SUBJECT, "CN=localhost");
			span.setAttribute(ISSUER, "CN=benchmarks");
			span.setAttribute(NOT_AFTER, "2026-12-31T00:00:00Z");
		}

	};

	private static final AttributeKey<String> CLIENT = AttributeKey.stringKey("nettrace.client");

	private static final AttributeKey<String> SERVER = AttributeKey.stringKey("server.address");

	private static final AttributeKey<Long> PORT = AttributeKey.longKey("server.port");

	private static final AttributeKey<String> QUEUE_OUTCOME = AttributeKey.stringKey("nettrace.queue.outcome");

	private static final AttributeKey<String> QUEUE_REASON = AttributeKey.stringKey("nettrace.queue.reason");

	private static final AttributeKey<String> QUESTION = AttributeKey.stringKey("dns.question.name");

	private static final AttributeKey<Boolean> COALESCED = AttributeKey.booleanKey("nettrace.dns.coalesced");

	private static final AttributeKey<List<String>> ANSWERS = AttributeKey.stringArrayKey("dns.answers");

	private static final AttributeKey<String> TRANSPORT = AttributeKey.stringKey("network.transport");

	private static final AttributeKey<String> TYPE = AttributeKey.stringKey("network.type");

	private static final AttributeKey<String> CONNECT_OUTCOME = AttributeKey.stringKey("nettrace.connect.outcome");

	private static final AttributeKey<String> PEER_ADDRESS = AttributeKey.stringKey("network.peer.address");

	private static final AttributeKey<Long> PEER_PORT = AttributeKey.longKey("network.peer.port");

	private static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("nettrace.connect.attempt");

	private static final AttributeKey<String> VERSION = AttributeKey.stringKey("tls.protocol.version");

	private static final AttributeKey<Boolean> RESUMED = AttributeKey.booleanKey("tls.resumed");

	private static final AttributeKey<String> PROTOCOL = AttributeKey.stringKey("tls.protocol.name");

	private static final AttributeKey<String> CIPHER = AttributeKey.stringKey("tls.cipher");

	private static final AttributeKey<String> SUBJECT = AttributeKey.stringKey("tls.server.subject");

	private static final AttributeKey<String> ISSUER = AttributeKey.stringKey("tls.server.issuer");

	private static final AttributeKey<String> NOT_AFTER = AttributeKey.stringKey("tls.server.not_after");

	private final String spanName;

	StepByHand(String spanName) {
		this.spanName = spanName;
	}

	abstract void describe(Span span);

	/**
	 * Write the span.
	 * @param tracer makes it
	 * @param request the span of the request
	 */
	void write(Tracer tracer, Span request) {
		Span span = tracer.spanBuilder(this.spanName).setParent(Context.root().with(request)).startSpan();
		span.setAttribute(CLIENT, "by-hand");
		describe(span);
		span.setStatus(StatusCode.OK);
		span.end();
	}

}
