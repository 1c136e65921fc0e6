package io.nettrace.demo;

import java.util.List;

import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/**
 * A request names something that does not exist. The response names what does.
 */
final class UnknownNameException extends ErrorResponseException {

	private static final long serialVersionUID = 1L;

	UnknownNameException(String kind, String name, List<String> accepted) {
		super(HttpStatus.NOT_FOUND, problem(kind, name, accepted), null);
	}

	private static ProblemDetail problem(String kind, String name, List<String> accepted) {
		ProblemDetail problem = ProblemDetail.forStatusAndDetail(HttpStatus.NOT_FOUND,
				"There is no " + kind + " \"" + name + "\", only " + String.join(", ", accepted));
		problem.setTitle("Unknown " + kind);
		problem.setProperty("accepted", accepted);
		return problem;
	}

}
