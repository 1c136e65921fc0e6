package io.nettrace.demo;

import java.util.List;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/**
 * Somebody asked for a scenario that does not exist. The answer names those that do.
 */
final class UnknownScenarioException extends ErrorResponseException {

	private static final long serialVersionUID = 1L;

	UnknownScenarioException(String name) {
		super(HttpStatus.NOT_FOUND, problem(name), null);
	}

	private static ProblemDetail problem(String name) {
		List<String> accepted = Scenario.names();
		ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.NOT_FOUND,
				"There is no scenario \"" + name + "\", only " + String.join(", ", accepted));
		problem.setTitle("Unknown scenario");
		problem.setProperty("accepted", accepted);
		return problem;
	}

}
