package io.nettrace.observation;

import java.util.List;

/**
 * The names of HTTP/2's error codes (RFC 9113, section 7).
 */
final class Http2ErrorCodes {

	private static final List<String> NAMES = List.of("NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR",
			"FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL",
			"COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED");

	private Http2ErrorCodes() {
	}

	/**
	 * Return the name of an error code.
	 * @param code the code, an unsigned 32-bit number
	 * @return its name, or the number if it has none
	 */
	static String name(long code) {
		return (code >= 0 && code < NAMES.size()) ? NAMES.get((int) code) : "0x" + Long.toHexString(code);
	}

}
