package io.nettrace.observation;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;

import io.micrometer.common.KeyValues;
import io.nettrace.TlsInfo;
import io.nettrace.observation.saving.SharedKeyValues;
import org.jspecify.annotations.Nullable;

/**
 * The name {@code tls.handshake.duration}, formed like {@code dns.lookup.duration}, and
 * OpenTelemetry's keys for TLS. Each method is the value of one key.
 */
public class DefaultTlsHandshakeObservationConvention implements TlsHandshakeObservationConvention {

	private final SpanNames spanNames;

	private final SharedKeyValues empty;

	// Any thread's: all of its fields are final
	private @Nullable NotAfter last;

	/**
	 * The end of a certificate, whose text takes longer to make than the rest of the
	 * attributes together. Most handshakes are with the server of the last one.
	 */
	private record NotAfter(Instant time, String text) {
	}

	/**
	 * Create a convention that gives all handshakes one span name.
	 */
	public DefaultTlsHandshakeObservationConvention() {
		this(SpanNames.LOW_CARDINALITY);
	}

	/**
	 * Create a convention.
	 * @param spanNames how spans are named
	 */
	public DefaultTlsHandshakeObservationConvention(SpanNames spanNames) {
		this(spanNames, SharedKeyValues.empty());
	}

	DefaultTlsHandshakeObservationConvention(SpanNames spanNames, SharedKeyValues empty) {
		this.spanNames = Objects.requireNonNull(spanNames, "'spanNames' must not be null");
		this.empty = empty;
	}

	@Override
	public String getName() {
		return "tls.handshake.duration";
	}

	@Override
	public String getContextualName(TlsHandshakeContext context) {
		return (this.spanNames == SpanNames.SEMCONV) ? "TLS handshake " + context.getHost() : "TLS handshake";
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(TlsHandshakeContext context) {
		return this.empty.and(TlsHandshakeLowCardinalityKeyNames.CLIENT, client(context))
			.and(TlsHandshakeLowCardinalityKeyNames.PROTOCOL_VERSION, protocolVersion(context))
			.and(TlsHandshakeLowCardinalityKeyNames.RESUMED, resumed(context))
			.and(TlsHandshakeLowCardinalityKeyNames.ERROR_TYPE, errorType(context))
			.and(TlsHandshakeLowCardinalityKeyNames.SERVER_ADDRESS, serverAddress(context))
			.keyValues();
	}

	protected String client(TlsHandshakeContext context) {
		return context.getClient();
	}

	/**
	 * The JDK says {@code TLSv1.3}, {@code TLSv1} and {@code SSLv3}.
	 */
	protected String protocolVersion(TlsHandshakeContext context) {
		String version = context.getHandshake().version();
		int start = (version != null) ? version.indexOf('v') + 1 : 0;
		return (version != null && start > 0) ? version.substring(start) : NetTraceObservationDocumentation.NONE;
	}

	protected String resumed(TlsHandshakeContext context) {
		TlsInfo handshake = context.getHandshake();
		return (handshake.version() == null) ? NetTraceObservationDocumentation.NONE
				: Boolean.toString(handshake.resumed());
	}

	protected String errorType(TlsHandshakeContext context) {
		return ErrorType.ofStep(context);
	}

	protected String serverAddress(TlsHandshakeContext context) {
		return context.getMeterHost();
	}

	/**
	 * A span shows the real host, whatever stands for it on meters: of two values for one
	 * key the one of high cardinality wins.
	 */
	@Override
	public KeyValues getHighCardinalityKeyValues(TlsHandshakeContext context) {
		KeyValues keyValues = KeyValues.of(
				TlsHandshakeHighCardinalityKeyNames.PROTOCOL_NAME.withValue(protocolName(context)),
				TlsHandshakeHighCardinalityKeyNames.CIPHER.withValue(cipher(context)),
				TlsHandshakeHighCardinalityKeyNames.NEXT_PROTOCOL.withValue(nextProtocol(context)),
				TlsHandshakeHighCardinalityKeyNames.SERVER_SUBJECT.withValue(serverSubject(context)),
				TlsHandshakeHighCardinalityKeyNames.SERVER_ISSUER.withValue(serverIssuer(context)),
				TlsHandshakeHighCardinalityKeyNames.SERVER_NOT_AFTER.withValue(serverNotAfter(context)));
		return context.getHost().equals(serverAddress(context)) ? keyValues
				: keyValues.and(TlsHandshakeLowCardinalityKeyNames.SERVER_ADDRESS.withValue(context.getHost()));
	}

	protected String protocolName(TlsHandshakeContext context) {
		String version = context.getHandshake().version();
		int end = (version != null) ? version.indexOf('v') : -1;
		return (version != null && end > 0) ? version.substring(0, end).toLowerCase(Locale.ROOT)
				: NetTraceObservationDocumentation.NONE;
	}

	protected String cipher(TlsHandshakeContext context) {
		String cipherSuite = context.getHandshake().cipherSuite();
		return (cipherSuite != null) ? cipherSuite : NetTraceObservationDocumentation.NONE;
	}

	protected String nextProtocol(TlsHandshakeContext context) {
		String protocol = context.getHandshake().negotiatedProtocol();
		return protocol.isEmpty() ? NetTraceObservationDocumentation.NONE : protocol;
	}

	protected String serverSubject(TlsHandshakeContext context) {
		return ofServer(context, (certificate) -> certificate.getSubjectX500Principal().getName());
	}

	protected String serverIssuer(TlsHandshakeContext context) {
		return ofServer(context, (certificate) -> certificate.getIssuerX500Principal().getName());
	}

	protected String serverNotAfter(TlsHandshakeContext context) {
		return ofServer(context, (certificate) -> text(certificate.getNotAfter().toInstant()));
	}

	private String text(Instant time) {
		NotAfter last = this.last;
		if (last == null || !last.time().equals(time)) {
			last = new NotAfter(time, time.toString());
			this.last = last;
		}
		return last.text();
	}

	private static String ofServer(TlsHandshakeContext context, Function<X509Certificate, String> value) {
		X509Certificate certificate = certificate(context.getHandshake());
		return (certificate != null) ? value.apply(certificate) : NetTraceObservationDocumentation.NONE;
	}

	private static @Nullable X509Certificate certificate(TlsInfo handshake) {
		return (!handshake.peerCertificates().isEmpty()
				&& handshake.peerCertificates().get(0) instanceof X509Certificate certificate) ? certificate : null;
	}

}
