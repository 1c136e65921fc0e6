package io.nettrace.libraries;

import io.nettrace.client.reactor.NetTraceReactorNetty;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.netty.http.client.HttpClient;

/**
 * A client of Reactor Netty's that the application builds by hand.
 */
@Library(name = "Reactor Netty's HttpClient, built by hand", of = HttpClient.class, support = Support.RECIPE,
		how = "Reactor Netty by hand", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the current observation")
class ReactorNettyHandMadeTests extends HttpLibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		return application.business(() -> application.bean(Greetings.class).get(url(host)));
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		// recipe: reactor-netty-by-hand
		@Bean
		Greetings greetings(ObjectProvider<NetTraceReactorNetty> netTrace, Names names) {
			HttpClient client = HttpClient.create().resolver(names.netty());
			return new Greetings(netTrace.stream().map((each) -> each.instrument(client)).findFirst().orElse(client));
		}
		// end

	}

	record Greetings(HttpClient client) {

		String get(String url) {
			return String
				.valueOf(this.client.get().uri(url).responseSingle((response, body) -> body.asString()).block());
		}

	}

}
