package io.nettrace.page;

import java.nio.charset.StandardCharsets;

import io.micrometer.observation.ObservationPredicate;
import io.nettrace.autoconfigure.RecentRequestsConfiguration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletPath;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.http.server.observation.ServerRequestObservationContext;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * The page on Spring MVC. A route and no controller: what the application does to all of
 * its controllers does not concern the page.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({ RouterFunction.class, DispatcherServletPath.class })
@Import({ RecentRequestsConfiguration.class, PageResponses.class })
class ServletPageConfiguration {

	@Bean
	RouterFunction<ServerResponse> netTracePageRoute(PageResponses responses) {
		String path = responses.path();
		return RouterFunctions.route()
			.GET(path, (request) -> send(responses.redirect(request.path())))
			.GET(path + "/", (request) -> send(responses.redirect(request.path())))
			.GET(path + "/requests", (request) -> send(responses.requests()))
			.GET(path + "/{file}", (request) -> send(responses.file(request.pathVariable("file"))))
			.build();
	}

	@Bean
	PageAnnouncement netTracePageAnnouncement(PageResponses responses, ServletContext context,
			ObjectProvider<DispatcherServletPath> servlet) {
		String prefix = servlet.stream().map(DispatcherServletPath::getPrefix).findFirst().orElse("");
		return new PageAnnouncement(context.getContextPath() + prefix + responses.path());
	}

	/**
	 * The page asks every two seconds. Traces and meters of the application are not of
	 * that.
	 */
	@Bean
	static ObservationPredicate netTracePageObservationPredicate(Environment environment) {
		String path = environment.getProperty("spring.mvc.servlet.path", "/").replaceFirst("/$", "")
				+ PageResponses.path(environment);
		return (name, context) -> !(context instanceof ServerRequestObservationContext request)
				|| request.getCarrier() == null
				|| !PageResponses.isBelow(path, pathWithinApplication(request.getCarrier()));
	}

	private static String pathWithinApplication(HttpServletRequest request) {
		return request.getRequestURI().substring(request.getContextPath().length());
	}

	private static ServerResponse send(PageResponse response) {
		ServerResponse.BodyBuilder builder = ServerResponse.status(response.status())
			.headers((headers) -> response.headers().forEach(headers::set));
		return response.body().isEmpty() ? builder.build()
				: builder.body(response.body().getBytes(StandardCharsets.UTF_8));
	}

}
