package io.nettrace.likejdk;

import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.cookie.BasicCookieStore;
import org.apache.hc.client5.http.cookie.CookieSpecFactory;
import org.apache.hc.client5.http.cookie.CookieStore;
import org.apache.hc.client5.http.cookie.StandardCookieSpec;
import org.apache.hc.client5.http.impl.CookieSpecSupport;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.config.RegistryBuilder;

/**
 * No cookies unless they were asked for: by a cookie specification in the request's
 * configuration, as {@code spring.http.clients.cookie-handling} sets one, or by a cookie
 * store of the application's own.
 */
final class JdkCookies {

	private JdkCookies() {
	}

	static void apply(HttpClientBuilder builder) {
		CookieStore notAskedFor = new BasicCookieStore();
		builder.setDefaultCookieStore(notAskedFor);
		builder.setDefaultCookieSpecRegistry(specifications(notAskedFor));
	}

	/**
	 * The library's, except that its default one ignores cookies for the store that the
	 * library makes by itself.
	 */
	private static Lookup<CookieSpecFactory> specifications(CookieStore notAskedFor) {
		Lookup<CookieSpecFactory> library = CookieSpecSupport.createDefault();
		CookieSpecFactory strict = library.lookup(StandardCookieSpec.STRICT);
		CookieSpecFactory none = library.lookup(StandardCookieSpec.IGNORE);
		RegistryBuilder<CookieSpecFactory> specifications = CookieSpecSupport.createDefaultBuilder();
		specifications.register(StandardCookieSpec.STRICT, (context) -> {
			HttpClientContext client = HttpClientContext.cast(context);
			RequestConfig config = client.getRequestConfig();
			boolean asked = (config != null && config.getCookieSpec() != null)
					|| client.getCookieStore() != notAskedFor;
			return (asked ? strict : none).create(context);
		});
		return specifications.build();
	}

}
