package io.nettrace.page;

import java.nio.charset.StandardCharsets;

import io.nettrace.autoconfigure.RecentRequestsConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.web.reactive.function.server.RequestPredicate;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * The page on WebFlux. A route and no controller, as on Spring MVC.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
@ConditionalOnClass(RouterFunction.class)
@Import({ RecentRequestsConfiguration.class, PageResponses.class })
class ReactivePageConfiguration {

	@Bean
	RouterFunction<ServerResponse> netTracePageRoute(PageResponses responses, ApplicationContext context) {
		String path = responses.path();
		return RouterFunctions.nest(isServedBy(context),
				RouterFunctions.route()
					.GET(path, (request) -> send(responses.redirect(request.path())))
					.GET(path + "/", (request) -> send(responses.redirect(request.path())))
					.GET(path + "/requests", (request) -> send(responses.requests()))
					.GET(path + "/{file}", (request) -> send(responses.file(request.pathVariable("file"))))
					.build());
	}

	/**
	 * The child context of a management port has the routes of its parent, too.
	 */
	private static RequestPredicate isServedBy(ApplicationContext context) {
		return (request) -> request.exchange().getApplicationContext() == context;
	}

	@Bean
	PageAnnouncement netTracePageAnnouncement(PageResponses responses, Environment environment) {
		return new PageAnnouncement(environment.getProperty("spring.webflux.base-path", "") + responses.path());
	}

	private static Mono<ServerResponse> send(PageResponse response) {
		return ServerResponse.status(response.status())
			.headers((headers) -> response.headers().forEach(headers::set))
			.bodyValue(response.body().getBytes(StandardCharsets.UTF_8));
	}

}
