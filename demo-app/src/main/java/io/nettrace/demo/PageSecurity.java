package io.nettrace.demo;

import java.io.IOException;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Keeps out pages of other origins: they may neither run scenarios nor show this page in
 * a frame.
 */
@Configuration(proxyBeanMethods = false)
class PageSecurity {

	/**
	 * A configuration that allows nothing rejects each request of another origin. Without
	 * it, a browser would send the POST and only withhold the response from the other
	 * page.
	 */
	@Bean
	CorsFilter ownOriginOnly() {
		UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();
		source.registerCorsConfiguration("/**", new CorsConfiguration());
		return new CorsFilter(source);
	}

	@Bean
	@Order(Ordered.HIGHEST_PRECEDENCE)
	OncePerRequestFilter securityHeaders() {
		return new OncePerRequestFilter() {

			@Override
			protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
					throws ServletException, IOException {
				// frame-ancestors works only in a header, not in a page's meta element
				response.setHeader("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'");
				response.setHeader("X-Content-Type-Options", "nosniff");
				chain.doFilter(request, response);
			}

		};
	}

}
