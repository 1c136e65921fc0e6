package io.nettrace.autoconfigure;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

import io.nettrace.autoconfigure.TracedClient.Call;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.observation.recent.RecentRequest;
import io.nettrace.observation.recent.RecentRequests;
import org.assertj.core.data.Offset;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

/**
 * What is kept of the last requests on every client whose requests Spring observes.
 */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "OK_HTTP")
class RecentRequestsContractTests {

	private final LoopbackServer server = LoopbackServer.start("127.0.0.1");

	private final TracedClient client;

	private final TracedApplication application;

	private final Caller caller;

	RecentRequestsContractTests(TracedClient client) {
		this.client = client;
		this.application = client.start(List.of(RecentRequestsConfiguration.class));
		this.caller = client.caller(this.application);
	}

	@AfterEach
	void stop() {
		this.application.close();
		this.server.close();
	}

	private String url(String path) {
		return this.server.url("127.0.0.1") + path;
	}

	/**
	 * The last requests, the oldest first.
	 */
	private List<RecentRequest> requests(int count) {
		RecentRequests requests = this.application.bean(RecentRequests.class);
		Awaitility.await().until(() -> requests.requests().size() == count);
		List<RecentRequest> oldestFirst = new ArrayList<>(requests.requests());
		Collections.reverse(oldestFirst);
		return oldestFirst;
	}

	/**
	 * Each phase that took time has a step, and each step belongs to such a phase.
	 */
	private static void stepsAreThePhases(RecentRequest request) {
		List<String> phases = request.phases()
			.entrySet()
			.stream()
			.filter((phase) -> phase.getValue() > 0 && !phase.getKey().equals("other"))
			.map(Map.Entry::getKey)
			.toList();
		assertThat(request.steps().stream().map(RecentRequest.Step::phase).distinct()).as(request.toString())
			.containsExactlyInAnyOrderElementsOf(phases);
		assertThat(request.phases().values().stream().mapToDouble(Double::doubleValue).sum())
			.isCloseTo(request.duration(), Offset.offset(1e-9));
	}

	private static RecentRequest.Connection connection(RecentRequest request) {
		return Objects.requireNonNull(request.connection());
	}

	@Test
	void newAndKeptConnection() {
		this.caller.get(url(""));
		requests(1);
		this.caller.get(url(""));
		List<RecentRequest> requests = requests(2);
		assertThat(requests).extracting(RecentRequest::status).containsOnly("204");
		assertThat(requests).allSatisfy(RecentRequestsContractTests::stepsAreThePhases);
		if (this.client.isJdk()) {
			assertThat(requests).allSatisfy((request) -> assertThat(request.steps()).isEmpty());
			return;
		}
		assertThat(requests).extracting(RecentRequest::client).containsOnly(this.client.client());
		assertThat(requests.get(0).steps()).extracting(RecentRequest.Step::phase)
			.containsExactly("queue", "connect", "send", "wait", "receive");
		assertThat(requests.get(1).steps()).extracting(RecentRequest.Step::phase)
			.containsExactly("queue", "send", "wait", "receive");
		assertThat(connection(requests.get(1)).openedBy()).isEqualTo(
				new RecentRequest.Opener(requests.get(0).traceId(), requests.get(0).spanId(), requests.get(0).id()));
	}

	@Test
	void refusedConnection() {
		assertThatException().isThrownBy(() -> this.caller.get("http://127.0.0.1:1/"));
		RecentRequest request = requests(1).get(0);
		assertThat(request.error()).isEqualTo("connection_refused");
		assertThat(request.status()).isNull();
		if (!this.client.isJdk()) {
			assertThat(request.words()).isEqualTo("Failed while connecting: connection_refused");
			assertThat(request.steps()).last()
				.extracting(RecentRequest.Step::phase, RecentRequest.Step::error)
				.containsExactly("connect", "connection_refused");
		}
	}

	/**
	 * On Jetty a connection may get another request first than the one that has dialed:
	 * then it was kept before, and it is not known who has opened it.
	 */
	@Test
	void crowdIsKeptApart() {
		assumeFalse(this.client.isJdk(), "shows no exchanges");
		List<Call> calls = IntStream.range(0, 20).mapToObj((i) -> this.caller.start(url("held"))).toList();
		this.server.release();
		calls.forEach((call) -> call.result().join());
		List<RecentRequest> requests = requests(20);
		assertThat(requests).extracting(RecentRequest::id)
			.containsExactlyElementsOf(IntStream.rangeClosed(1, 20).mapToObj(String::valueOf).toList());
		assertThat(requests).allSatisfy((request) -> {
			assertThat(request.exchanges()).isOne();
			assertThat(request.steps()).extracting(RecentRequest.Step::phase)
				.containsSubsequence("queue", "send", "wait", "receive");
			assertThat(request.steps()).extracting(RecentRequest.Step::exchange).containsOnly(1);
		});
		Map<String, String> openers = new HashMap<>();
		for (RecentRequest request : requests) {
			if (!connection(request).reused()) {
				openers.put(connection(request).id(), request.id());
			}
		}
		for (RecentRequest request : requests) {
			RecentRequest.Opener opener = connection(request).openedBy();
			String id = connection(request).reused() ? openers.get(connection(request).id()) : null;
			assertThat((opener != null) ? opener.requestId() : null).isEqualTo(id);
		}
	}

	@Test
	void redirect() {
		assumeFalse(this.client.isJdk(), "shows no exchanges");
		this.caller.exchange(HttpMethod.GET, url("redirect?to=" + url("")), Map.of(), null);
		RecentRequest request = requests(1).get(0);
		assertThat(request.exchanges()).isEqualTo(2);
		assertThat(request.steps()).extracting(RecentRequest.Step::exchange).isSorted().contains(1, 2);
		assertThat(request.toString()).doesNotContain("?to=");
		stepsAreThePhases(request);
	}

}
