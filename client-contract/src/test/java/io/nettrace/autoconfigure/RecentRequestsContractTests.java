package io.nettrace.autoconfigure;

import java.util.ArrayList;
import java.util.Collections;
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
 * What is kept of the last requests on every client.
 */
@ParameterizedClass
@EnumSource
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
		assertThat(request.steps()).extracting(RecentRequest.Step::phase)
			.as(request.toString())
			.containsOnlyOnceElementsOf(request.exchanges() == 1 ? phases : List.of())
			.containsOnly(phases.toArray(String[]::new));
		assertThat(request.phases().values().stream().mapToDouble(Double::doubleValue).sum())
			.isCloseTo(request.duration(), Offset.offset(1e-9));
	}

	private String openerOf(RecentRequest request) {
		RecentRequest.Connection connection = Objects.requireNonNull(request.connection());
		assertThat(connection.reused()).isTrue();
		return String.valueOf(Objects.requireNonNull(connection.openedBy()).requestId());
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
		assertThat(openerOf(requests.get(1))).isEqualTo(requests.get(0).id());
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
				.startsWith("queue")
				.endsWith("send", "wait", "receive");
			assertThat(request.steps()).extracting(RecentRequest.Step::exchange).containsOnly(1);
		});
		assertThat(requests).filteredOn((request) -> Objects.requireNonNull(request.connection()).reused())
			.allSatisfy((request) -> assertThat(requests).extracting(RecentRequest::id).contains(openerOf(request)));
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
