package io.nettrace.equality;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;

/**
 * A request to send.
 *
 * @param method the method
 * @param uri where to
 * @param headers its headers
 * @param body its body, null for none
 */
@SuppressWarnings("ArrayRecordComponent")
record Request(HttpMethod method, URI uri, List<Map.Entry<String, String>> headers, byte @Nullable [] body) {

	static Request get(String uri) {
		return of(HttpMethod.GET, uri);
	}

	static Request of(HttpMethod method, String uri) {
		return new Request(method, URI.create(uri), List.of(), null);
	}

	static Request post(String uri, String body) {
		return of(HttpMethod.POST, uri).body(body.getBytes(java.nio.charset.StandardCharsets.UTF_8));
	}

	Request body(byte[] body) {
		return new Request(this.method, this.uri, this.headers, body);
	}

	Request header(String name, String value) {
		List<Map.Entry<String, String>> headers = new ArrayList<>(this.headers);
		headers.add(Map.entry(name, value));
		return new Request(this.method, this.uri, headers, this.body);
	}

}
