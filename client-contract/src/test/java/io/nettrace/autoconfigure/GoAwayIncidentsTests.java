package io.nettrace.autoconfigure;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionListener;
import io.nettrace.autoconfigure.Incident.Staged;
import io.nettrace.autoconfigure.TracedClient.Call;
import io.nettrace.autoconfigure.TracedClient.Caller;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Servers that send the client away.
 */
class GoAwayIncidentsTests extends IncidentTest {

	/**
	 * RFC 9113, section 7.
	 */
	private static final int ENHANCE_YOUR_CALM = 0xb;

	@Test
	@Staged({ 57, 58, 59, 60 })
	void whileRequestsAreUnderWay() throws Exception {
		Http2Server server = closedAfterwards(Http2Server.start(SERVER));
		Caller caller = start(TracedClient.WEB_CLIENT_ON_REACTOR_NETTY,
				List.of(ClientSettings.Http2.class, Closes.class));
		Call first = caller.start(server.url(HOST));
		server.awaitRequests(1);
		Call second = caller.start(server.url(HOST));
		server.awaitRequests(2);
		server.sendAway(ENHANCE_YOUR_CALM);
		awaitFailure(first);
		awaitFailure(second);
		awaitCount(1, "http.client.connection.duration", "nettrace.connection.closed", "goaway");
		assertThat(application().bean(Closes.class).closes.poll(20, TimeUnit.SECONDS))
			.isEqualTo(CloseInfo.goAway(ENHANCE_YOUR_CALM));
		assertThat(request(1)).containsEntry("nettrace.connection.id", request(0).get("nettrace.connection.id"));
	}

	@Configuration(proxyBeanMethods = false)
	static class Closes {

		private final BlockingQueue<CloseInfo> closes = new LinkedBlockingQueue<>();

		@Bean
		ConnectionListener listener() {
			return new ConnectionListener() {

				@Override
				public void closed(ConnectionInfo connection, CloseInfo close) {
					Closes.this.closes.add(close);
				}

			};
		}

	}

}
