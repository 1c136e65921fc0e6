package io.nettrace.likejdk;

import java.lang.reflect.Field;
import java.net.URI;

import org.apache.hc.client5.http.impl.DefaultRedirectStrategy;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.springframework.util.ReflectionUtils;

/**
 * Follows redirects like the JDK's client: with the same maximum, not from HTTPS to HTTP,
 * and to another host without credentials.
 */
final class JdkRedirects extends DefaultRedirectStrategy {

	/**
	 * Has a hint for native images. Boot sets it before any customizer, to another
	 * strategy if redirects must not be followed.
	 */
	static final String FIELD = "redirectStrategy";

	/**
	 * Including the first request, as in {@code java.net.http}.
	 */
	private static final int REQUESTS = Integer.getInteger("jdk.httpclient.redirects.retrylimit", 5);

	static void apply(HttpClientBuilder builder) {
		Field field = ReflectionUtils.findField(HttpClientBuilder.class, FIELD);
		if (field == null || !field.trySetAccessible()) {
			return;
		}
		Object followed = ReflectionUtils.getField(field, builder);
		if (followed != null && followed.getClass() == DefaultRedirectStrategy.class) {
			builder.setRedirectStrategy(new JdkRedirects());
		}
	}

	@Override
	public boolean isRedirected(HttpRequest request, HttpResponse response, HttpContext context)
			throws ProtocolException {
		if (!isRedirect(response.getCode())) {
			return false;
		}
		if (!response.containsHeader(HttpHeaders.LOCATION)) {
			throw new ProtocolException("Redirect without a Location header");
		}
		if (HttpClientContext.cast(context).getRedirectLocations().size() >= REQUESTS - 1) {
			return false;
		}
		String scheme = location(request, response, context).getScheme();
		return URIScheme.HTTPS.same(scheme)
				|| (URIScheme.HTTP.same(scheme) && !URIScheme.HTTPS.same(request.getScheme()));
	}

	private URI location(HttpRequest request, HttpResponse response, HttpContext context) throws ProtocolException {
		try {
			return getLocationURI(request, response, context);
		}
		catch (ProtocolException ex) {
			throw ex;
		}
		catch (HttpException ex) {
			throw new ProtocolException(ex.getMessage(), ex);
		}
	}

	private static boolean isRedirect(int status) {
		return switch (status) {
			case HttpStatus.SC_MOVED_PERMANENTLY, HttpStatus.SC_MOVED_TEMPORARILY, HttpStatus.SC_SEE_OTHER,
					HttpStatus.SC_TEMPORARY_REDIRECT, HttpStatus.SC_PERMANENT_REDIRECT ->
				true;
			default -> false;
		};
	}

	/**
	 * With credentials the library would not follow a redirect to another host. The JDK's
	 * client does, without the credentials since its updates of 2025. Here they are not
	 * sent on any JDK.
	 */
	@Override
	public boolean isRedirectAllowed(HttpHost current, HttpHost next, HttpRequest request, HttpContext context) {
		if (!current.equals(next)) {
			request.removeHeaders(HttpHeaders.AUTHORIZATION);
			request.removeHeaders(HttpHeaders.COOKIE);
		}
		return true;
	}

}
