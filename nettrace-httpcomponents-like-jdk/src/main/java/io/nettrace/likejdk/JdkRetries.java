package io.nettrace.likejdk;

import java.io.IOException;
import java.io.InterruptedIOException;

import org.apache.hc.client5.http.HttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request again when the JDK's client does: a GET or HEAD once, if its connection
 * ended before the first byte of the response. Never because of a response.
 */
final class JdkRetries implements HttpRequestRetryStrategy {

	private static final String UNANSWERED = JdkRetries.class.getName() + ".unanswered";

	static void apply(HttpClientBuilder builder) {
		builder.setRequestExecutor(new Executor());
		builder.setRetryStrategy(new JdkRetries());
	}

	@Override
	public boolean retryRequest(HttpRequest request, IOException exception, int execCount, HttpContext context) {
		return execCount == 1 && (Method.GET.isSame(request.getMethod()) || Method.HEAD.isSame(request.getMethod()))
				&& context.getAttribute(UNANSWERED) == exception;
	}

	@Override
	public boolean retryRequest(HttpResponse response, int execCount, HttpContext context) {
		return false;
	}

	@Override
	public TimeValue getRetryInterval(HttpResponse response, int execCount, HttpContext context) {
		return TimeValue.ZERO_MILLISECONDS;
	}

	/**
	 * Records a failure of a connection that received no byte. A timeout does not count.
	 */
	private static final class Executor extends HttpRequestExecutor {

		@Override
		public ClassicHttpResponse execute(ClassicHttpRequest request, HttpClientConnection connection,
				@Nullable HttpResponseInformationCallback informationCallback, HttpContext context)
				throws IOException, HttpException {
			EndpointDetails endpoint = connection.getEndpointDetails();
			long received = endpoint.getReceivedBytesCount();
			try {
				return super.execute(request, connection, informationCallback, context);
			}
			catch (InterruptedIOException ex) {
				throw ex;
			}
			catch (IOException ex) {
				if (endpoint.getReceivedBytesCount() == received) {
					context.setAttribute(UNANSWERED, ex);
				}
				throw ex;
			}
		}

	}

}
