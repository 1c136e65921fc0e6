package io.nettrace.page;

import java.nio.charset.StandardCharsets;

import io.micrometer.observation.ObservationPredicate;
import io.nettrace.autoconfigure.RecentRequestsConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.http.server.reactive.observation.ServerRequestObservationContext;
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
	PageAnnouncement netTracePageAnnouncement(Environment environment) {
		return new PageAnnouncement(path(environment));
	}

	/**
	 * As on Spring MVC.
	 */
	@Bean
	static ObservationPredicate netTracePageObservationPredicate(Environment environment) {
		String path = path(environment);
		return (name, context) -> !(context instanceof ServerRequestObservationContext request)
				|| request.getCarrier() == null || !PageResponses.isBelow(path, request.getCarrier().getPath().value());
	}

	private static String path(Environment environment) {
		return environment.getProperty("spring.webflux.base-path", "") + PageResponses.path(environment);
	}

	private static Mono<ServerResponse> send(PageResponse response) {
		ServerResponse.BodyBuilder builder = ServerResponse.status(response.status())
			.headers((headers) -> response.headers().forEach(headers::set));
		return response.body().isEmpty() ? builder.build()
				: builder.bodyValue(response.body().getBytes(StandardCharsets.UTF_8));
	}

}
