package io.nettrace.likejdk;

import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.net.URIAuthority;
import org.springframework.util.StringUtils;

/**
 * Removes from a request what the JDK's client leaves out: restricted headers, unless
 * {@code jdk.httpclient.allowRestrictedHeaders} names them, and the user info of a URL
 * such as {@code http://user@host/}, with which HttpComponents would refuse to send. An
 * application that forwards headers would otherwise send the host of the request that it
 * serves.
 */
final class JdkRequests implements ExecChainHandler {

	private static final Set<String> RESTRICTED = Set.of("connection", "expect", "host", "proxy-connection", "upgrade");

	private final Set<String> leftOut = new TreeSet<>(RESTRICTED);

	JdkRequests() {
		String allowed = System.getProperty("jdk.httpclient.allowRestrictedHeaders", "");
		this.leftOut.removeAll(StringUtils.commaDelimitedListToSet(allowed.toLowerCase(Locale.ROOT)));
	}

	@Override
	public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
			throws IOException, HttpException {
		this.leftOut.forEach(request::removeHeaders);
		URIAuthority authority = request.getAuthority();
		if (authority != null && authority.getUserInfo() != null) {
			request.setAuthority(new URIAuthority(authority.getHostName(), authority.getPort()));
		}
		return chain.proceed(request, scope);
	}

}
