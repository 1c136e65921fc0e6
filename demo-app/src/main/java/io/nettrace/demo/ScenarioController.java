package io.nettrace.demo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
				Scenario.ALL.stream().map(this::entry).toList(), this.traceUrl);
	}

	private Entry entry(Scenario scenario) {
		Map<String, String> notOn = new LinkedHashMap<>();
		for (Caller.Factory callers : this.callers) {
			String reason = callers.whyNot(scenario);
			if (reason != null) {
				notOn.put(callers.client(), reason);
			}
		}
		return new Entry(scenario.name(), scenario.section().title(), scenario.title(), scenario.description(), notOn);
	}

	@PostMapping("/{name}")
	TraceView run(@PathVariable String name, @RequestParam(defaultValue = "RestClient") String client) {
		Scenario scenario = Scenario.named(name)
			.orElseThrow(() -> new UnknownNameException("scenario", name, Scenario.names()));
		Caller.Factory callers = callers(client);
		String reason = callers.whyNot(scenario);
		if (reason != null) {
			throw new CannotRunException(scenario.name(), client, reason);
		}
		return this.runner.run(scenario, callers);
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

	/**
	 * A scenario as the page lists it.
	 *
	 * @param name what it is called in this API
	 * @param section the heading above it
	 * @param title what the page calls it
	 * @param description what happens, and what to look for
	 * @param notOn the clients that cannot run it, each with the reason
	 */
	record Entry(String name, String section, String title, String description, Map<String, String> notOn) {
	}

}
