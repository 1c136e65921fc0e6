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
 * No cookies unless the application enables them: with a cookie specification in the
 * request's configuration, as {@code spring.http.clients.cookie-handling} sets it, or
 * with a cookie store of its own.
 */
final class JdkCookies {

	private JdkCookies() {
	}

	static void apply(HttpClientBuilder builder) {
		CookieStore unusedStore = new BasicCookieStore();
		builder.setDefaultCookieStore(unusedStore);
		builder.setDefaultCookieSpecRegistry(specifications(unusedStore));
	}

	/**
	 * The library's specifications, but the default one ignores cookies unless the
	 * application enables them.
	 */
	private static Lookup<CookieSpecFactory> specifications(CookieStore unusedStore) {
		Lookup<CookieSpecFactory> library = CookieSpecSupport.createDefault();
		CookieSpecFactory strict = library.lookup(StandardCookieSpec.STRICT);
		CookieSpecFactory none = library.lookup(StandardCookieSpec.IGNORE);
		RegistryBuilder<CookieSpecFactory> specifications = CookieSpecSupport.createDefaultBuilder();
		specifications.register(StandardCookieSpec.STRICT, (context) -> {
			HttpClientContext client = HttpClientContext.cast(context);
			RequestConfig config = client.getRequestConfig();
			boolean enabled = (config != null && config.getCookieSpec() != null)
					|| client.getCookieStore() != unusedStore;
			return (enabled ? strict : none).create(context);
		});
		return specifications.build();
	}

}
