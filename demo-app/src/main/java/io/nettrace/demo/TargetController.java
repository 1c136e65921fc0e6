package io.nettrace.demo;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The resources that the scenarios request.
 */
@RestController
class TargetController {

	static final String PATH = "/target";

	@GetMapping(PATH)
	String target() {
		return "hello";
	}

}
