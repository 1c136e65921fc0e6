package io.nettrace.libraries;

import java.net.URI;
import java.util.List;

import feign.micrometer.MicrometerObservationCapability;

/**
 * Spring Cloud OpenFeign on HttpComponents with feign-micrometer, which observes each
 * call, but opens no scope for it: nothing on the thread says that it is the parent.
 */
@Library(name = "Spring Cloud OpenFeign with feign-hc5 and feign-micrometer",
		of = MicrometerObservationCapability.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.libraries.feign.enabled", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the current observation, beside Feign's span")
class FeignMicrometerTests extends HttpLibraryTest {

	@Override
	Class<?> configuration() {
		return FeignTests.Application.class;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.springframework.cloud.openfeign.FeignAutoConfiguration");
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		URI uri = URI.create(url(host));
		return application.business(() -> application.bean(FeignTests.Greetings.class).get(uri));
	}

	@Override
	String expectedTree() {
		return """
				business
				  HTTP GET
				  DNS lookup two.test: 127.0.0.8, 127.0.0.9
				  socket connect ! 127.0.0.8: connection_refused
				  socket connect 127.0.0.9
				""";
	}

}
