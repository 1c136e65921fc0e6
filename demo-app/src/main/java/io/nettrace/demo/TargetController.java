package io.nettrace.demo;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * What the scenarios ask for.
 */
@RestController
class TargetController {

	static final String PATH = "/target";

	@GetMapping(PATH)
	String target() {
		return "hello";
	}

}
