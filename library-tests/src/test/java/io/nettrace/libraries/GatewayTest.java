package io.nettrace.libraries;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * What Spring Cloud Gateway sends on. It has a route to each host.
 */
abstract class GatewayTest extends HttpLibraryTest {

	/**
	 * What its properties begin with.
	 */
	abstract String prefix();

	@Override
	List<String> properties() {
		List<String> properties = new ArrayList<>();
		for (String host : List.of("one.test", "two.test", "slow.test", "refused.test", "unknown.test")) {
			addRoute(properties, host, "http://" + host + ":" + peer().port());
		}
		addRoute(properties, SocketPeer.TLS_HOST, "https://" + SocketPeer.TLS_HOST + ":" + peer().port());
		return properties;
	}

	/**
	 * Add a route.
	 * @param properties a multiple of 4, by this method
	 * @param name its name, and what the path begins with
	 * @param uri where it leads
	 */
	final void addRoute(List<String> properties, String name, String uri) {
		String route = prefix() + ".routes[" + properties.size() / 4 + "].";
		properties.add(route + "id=" + name);
		properties.add(route + "uri=" + uri);
		properties.add(route + "predicates[0]=Path=/" + name + "/**");
		properties.add(route + "filters[0]=StripPrefix=1");
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		HttpRequest request = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:" + application.port() + "/" + host + "/"))
			.build();
		HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
		// the body of an error has the time in it
		return (response.statusCode() == 200) ? response.body() : "status " + response.statusCode();
	}

}
