package io.nettrace.demo;

import java.util.List;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The API behind the page.
 */
@RestController
@RequestMapping("/api/scenarios")
class ScenarioController {

	private final ScenarioRunner runner;

	ScenarioController(ScenarioRunner runner) {
		this.runner = runner;
	}

	@GetMapping
	Listing list() {
		return new Listing(
				Scenario.ALL.stream().map((scenario) -> new Entry(scenario.name(), scenario.description())).toList());
	}

	@PostMapping("/{name}")
	TraceView run(@PathVariable String name) {
		return this.runner.run(Scenario.named(name).orElseThrow(() -> new UnknownScenarioException(name)));
	}

	record Listing(List<Entry> scenarios) {
	}

	record Entry(String name, String description) {
	}

}
