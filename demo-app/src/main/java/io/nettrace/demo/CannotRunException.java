package io.nettrace.demo;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/**
 * A request asks for a scenario on a client that lacks what it needs. The response says
 * what.
 */
final class CannotRunException extends ErrorResponseException {

	private static final long serialVersionUID = 1L;

	CannotRunException(String scenario, String client, String reason) {
		super(HttpStatus.UNPROCESSABLE_CONTENT, problem(scenario, client, reason), null);
	}

	private static ProblemDetail problem(String scenario, String client, String reason) {
		ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.UNPROCESSABLE_CONTENT, reason);
		problem.setTitle("No " + scenario + " on " + client);
		return problem;
	}

}
