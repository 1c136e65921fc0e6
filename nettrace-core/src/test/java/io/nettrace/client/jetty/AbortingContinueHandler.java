package io.nettrace.client.jetty;

import java.util.concurrent.TimeoutException;

import org.eclipse.jetty.client.ContinueProtocolHandler;
import org.eclipse.jetty.client.Response;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Aborts a request just as it is told to continue.
 */
final class AbortingContinueHandler extends ContinueProtocolHandler {

	@Override
	public Response.Listener getResponseListener() {
		return new ContinueListener() {

			@Override
			public void onSuccess(Response response) {
				assertThat(response.getRequest().abort(new TimeoutException())).isNotNull();
				super.onSuccess(response);
			}

		};
	}

}
