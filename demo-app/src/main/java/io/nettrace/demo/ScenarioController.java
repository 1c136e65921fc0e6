package io.nettrace.demo;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * The API behind the page.
 */
@RestController
@RequestMapping("/api/scenarios")
class ScenarioController {

	private final ScenarioRunner runner;

	private final List<Caller.Factory> callers;

	private final @Nullable String traceUrl;

	ScenarioController(ScenarioRunner runner, ObjectProvider<Caller.Factory> callers,
			@Value("${demo.trace-url:#{null}}") @Nullable String traceUrl) {
		this.runner = runner;
		this.callers = callers.orderedStream().toList();
		this.traceUrl = traceUrl;
	}

	@GetMapping
	Listing list() {
		return new Listing(this.callers.stream().map(Caller.Factory::client).toList(),
				Scenario.ALL.stream().map((scenario) -> new Entry(scenario.name(), scenario.description())).toList(),
				this.traceUrl);
	}

	@PostMapping("/{name}")
	TraceView run(@PathVariable String name, @RequestParam(defaultValue = "RestClient") String client) {
		Scenario scenario = Scenario.named(name)
			.orElseThrow(() -> new UnknownNameException("scenario", name, Scenario.names()));
		return this.runner.run(scenario, callers(client));
	}

	private Caller.Factory callers(String client) {
		return this.callers.stream()
			.filter((factory) -> factory.client().equals(client))
			.findFirst()
			.orElseThrow(() -> new UnknownNameException("client", client,
					this.callers.stream().map(Caller.Factory::client).toList()));
	}

	/**
	 * The scenarios and clients to choose from.
	 *
	 * @param clients the clients to run it on
	 * @param scenarios the scenarios
	 * @param traceUrl where a trace can be seen if its identifier is appended,
	 * {@code null} if traces are not exported
	 */
	record Listing(List<String> clients, List<Entry> scenarios, @Nullable String traceUrl) {
	}

	record Entry(String name, String description) {
	}

}
