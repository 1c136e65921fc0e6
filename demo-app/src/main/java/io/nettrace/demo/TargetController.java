package io.nettrace.demo;

import java.io.IOException;
import java.io.PrintWriter;

import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The resources that the scenarios request.
 */
@RestController
class TargetController {

	static final String PATH = "/target";

	static final String LAST = "/target/last";

	static final String SLOW = "/target/slow";

	static final String SLOW_BODY = "/target/slow-body";

	static final String MOVED = "/target/moved";

	private static final long SLOW_MILLIS = 250;

	@GetMapping(PATH)
	String target() {
		return "hello";
	}

	/**
	 * The last response of its connection.
	 */
	@GetMapping(LAST)
	ResponseEntity<String> last() {
		return ResponseEntity.ok().header(HttpHeaders.CONNECTION, "close").body("hello");
	}

	@GetMapping(SLOW)
	String slow() throws InterruptedException {
		Thread.sleep(SLOW_MILLIS);
		return "hello";
	}

	@GetMapping(SLOW_BODY)
	void slowBody(HttpServletResponse response) throws IOException, InterruptedException {
		response.setContentType("text/plain");
		PrintWriter body = response.getWriter();
		body.print("hel");
		response.flushBuffer();
		Thread.sleep(SLOW_MILLIS);
		body.print("lo");
	}

	@GetMapping(MOVED)
	ResponseEntity<Void> moved() {
		return ResponseEntity.status(HttpStatus.FOUND).header(HttpHeaders.LOCATION, PATH).build();
	}

}
