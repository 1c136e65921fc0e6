package io.nettrace.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import io.nettrace.observation.recent.RecentRequests;
import org.springframework.core.env.Environment;

/**
 * All responses of the page. Nothing of it is kept: the files are read each time, from
 * the module, where the application's resource handler does not find them.
 */
final class PageResponses {

	private static final String NO_BODY = "";

	private static final int MOST = 50;

	private static final String FIRST = "index.html";

	/**
	 * What the page may do: nothing but to load its own files and to read its requests.
	 */
	private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
			+ "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

	private static final Map<String, String> TYPES = Map.of(FIRST, "text/html;charset=UTF-8", "page.js",
			"text/javascript;charset=UTF-8", "waterfall.js", "text/javascript;charset=UTF-8", "page.css",
			"text/css;charset=UTF-8", "waterfall.css", "text/css;charset=UTF-8", "icon.svg", "image/svg+xml");

	private final RecentRequests requests;

	private final String path;

	PageResponses(RecentRequests requests, Environment environment) {
		this.requests = requests;
		this.path = path(environment);
	}

	/**
	 * Return the path of the page, below that of the application.
	 */
	String path() {
		return this.path;
	}

	static String path(Environment environment) {
		return environment.getProperty("nettrace.page.path", "/nettrace");
	}

	/**
	 * Whether a requested path is that of the page or below.
	 */
	static boolean isBelow(String page, String requested) {
		return requested.startsWith(page)
				&& (requested.length() == page.length() || requested.charAt(page.length()) == '/');
	}

	/**
	 * Return the names of all files.
	 */
	static Set<String> files() {
		return TYPES.keySet();
	}

	/**
	 * Return the response that leads from the page's path to its first file. It is
	 * relative, because a proxy may know the page by another path, and does not end with
	 * a slash, because an application may take slashes from the end of all paths.
	 * @param requested the path that is requested, with or without a slash at its end
	 */
	PageResponse redirect(String requested) {
		String directory = requested.substring(requested.lastIndexOf('/') + 1);
		return response(302, Map.of("Location", directory.isEmpty() ? FIRST : directory + "/" + FIRST), NO_BODY);
	}

	/**
	 * Return the requests as JSON.
	 */
	PageResponse requests() {
		return response(200, Map.of("Content-Type", "application/json"),
				RequestsJson.of(this.requests.requests().stream().limit(MOST).toList()));
	}

	/**
	 * Return one of the page's files.
	 * @param name its name
	 */
	PageResponse file(String name) {
		String type = TYPES.get(name);
		return (type != null) ? response(200, Map.of("Content-Type", type), content(name))
				: response(404, Map.of(), NO_BODY);
	}

	private static PageResponse response(int status, Map<String, String> headers, String body) {
		Map<String, String> all = new LinkedHashMap<>(headers);
		all.put("Cache-Control", "no-store");
		all.put("Content-Security-Policy", POLICY);
		all.put("X-Content-Type-Options", "nosniff");
		all.put("Referrer-Policy", "no-referrer");
		return new PageResponse(status, all, body);
	}

	private static String content(String name) {
		try (InputStream file = PageResponses.class.getResourceAsStream(name)) {
			if (file == null) {
				throw new IllegalStateException("nettrace-page lacks its file " + name);
			}
			return new String(file.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
