package io.nettrace.client.httpcomponents;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.jspecify.annotations.Nullable;

/**
 * A client that is built by hand, with {@code instrument} alone.
 */
interface Sending extends Closeable {

	/**
	 * Send a request, follow its redirects and read the body.
	 * @return the status
	 */
	int get(String url, HttpClientContext context) throws IOException;

	/**
	 * The clients.
	 */
	enum Library {

		CLASSIC("httpcomponents") {

			@Override
			Sending client(NetTracing tracing) {
				CloseableHttpClient client = new NetTraceHttpComponents(tracing, LookupSettings.defaults(),
						LookupThreads.create())
					.instrument(HttpClients.custom())
					.build();
				return new Sending() {

					@Override
					public int get(String url, HttpClientContext context) throws IOException {
						return client.execute(new HttpGet(url), context, (response) -> {
							EntityUtils.consume(response.getEntity());
							return response.getCode();
						});
					}

					@Override
					public void close() throws IOException {
						client.close();
					}

				};
			}

		},

		ASYNC("httpcomponents-async") {

			@Override
			Sending client(NetTracing tracing) {
				CloseableHttpAsyncClient client = new NetTraceHttpComponentsAsync(tracing, LookupSettings.defaults(),
						LookupThreads.create())
					.instrument(HttpAsyncClients.custom())
					.build();
				client.start();
				return new Sending() {

					@Override
					public int get(String url, HttpClientContext context) throws IOException {
						SimpleHttpRequest request = SimpleRequestBuilder.get(url).build();
						try {
							return client.execute(request, context, null).get(10, TimeUnit.SECONDS).getCode();
						}
						catch (ExecutionException ex) {
							throw asIOException(ex.getCause());
						}
						catch (InterruptedException | TimeoutException ex) {
							throw new IllegalStateException(ex);
						}
					}

					@Override
					public void close() throws IOException {
						client.close();
					}

				};
			}

		};

		private final String clientName;

		Library(String clientName) {
			this.clientName = clientName;
		}

		/**
		 * The value of {@code RequestInfo.client()}.
		 */
		String clientName() {
			return this.clientName;
		}

		abstract Sending client(NetTracing tracing);

		private static IOException asIOException(@Nullable Throwable failure) {
			return (failure instanceof IOException expected) ? expected : new IOException(failure);
		}

	}

}
