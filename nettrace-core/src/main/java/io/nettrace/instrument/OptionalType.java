package io.nettrace.instrument;

/**
 * Types of libraries that may be absent, asked for by name. A native image takes a type
 * for absent that it has no hint of; the hints are made from this list. Not for
 * applications.
 */
public enum OptionalType {

	/**
	 * Of Jetty's HTTP/2.
	 */
	JETTY_HTTP2("org.eclipse.jetty.http2.HTTP2Session"),

	/**
	 * Of Micrometer's context-propagation.
	 */
	CONTEXT_REGISTRY("io.micrometer.context.ContextRegistry"),

	/**
	 * Of Micrometer's context-propagation too.
	 */
	CONTEXT_SNAPSHOT_FACTORY("io.micrometer.context.ContextSnapshotFactory"),

	/**
	 * Of Micrometer's observations.
	 */
	OBSERVATION("io.micrometer.observation.Observation"),

	/**
	 * Of Micrometer's bridge to OpenTelemetry.
	 */
	OTEL_SPAN("io.micrometer.tracing.otel.bridge.OtelSpan"),

	/**
	 * Of OpenTelemetry's Java agent.
	 */
	OPENTELEMETRY_AGENT("io.opentelemetry.javaagent.OpenTelemetryAgent");

	private final String className;

	OptionalType(String className) {
		this.className = className;
	}

	/**
	 * The type's name.
	 * @return a fully qualified name
	 */
	public String className() {
		return this.className;
	}

	/**
	 * Whether the type can be loaded. It is not initialized.
	 * @return whether it is there
	 */
	public boolean isPresent() {
		try {
			Class.forName(this.className, false, OptionalType.class.getClassLoader());
			return true;
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return false;
		}
	}

}
