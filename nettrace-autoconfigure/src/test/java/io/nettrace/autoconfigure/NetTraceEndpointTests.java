package io.nettrace.autoconfigure;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.security.Principal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTracing;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link NetTraceEndpoint} and its configuration.
 */
class NetTraceEndpointTests {

	private static final String HIDDEN = "******";

	private final ReactiveWebApplicationContextRunner contextRunner = new ReactiveWebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(EndpointAutoConfiguration.class, WebEndpointAutoConfiguration.class,
				NetTraceAutoConfiguration.class, NetTraceEndpointAutoConfiguration.class));

	private final ReactiveWebApplicationContextRunner exposed = this.contextRunner
		.withPropertyValues("management.endpoints.web.exposure.include=nettrace");

	@Test
	void remembersNothingUnlessExposed() {
		this.contextRunner.run((context) -> assertThat(context).hasNotFailed()
			.doesNotHaveBean(NetTraceEndpoint.class)
			.doesNotHaveBean(RecentActivity.class));
	}

	@Test
	void backsOffWhenNetTraceIsOff() {
		this.exposed.withPropertyValues("nettrace.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(NetTraceEndpoint.class));
	}

	@Test
	void backsOffWithoutActuator() {
		new ReactiveWebApplicationContextRunner().withClassLoader(new FilteredClassLoader(Endpoint.class))
			.withConfiguration(
					AutoConfigurations.of(NetTraceAutoConfiguration.class, NetTraceEndpointAutoConfiguration.class))
			.withPropertyValues("management.endpoints.web.exposure.include=nettrace")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(RecentActivity.class));
	}

	@Test
	void backsOffWhenAccessIsNone() {
		this.exposed.withPropertyValues("management.endpoint.nettrace.access=NONE")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(RecentActivity.class));
	}

	@Test
	void hidesAddressesByDefault() {
		this.exposed.run((context) -> {
			operate(context);
			NetTraceEndpoint.Hosts hosts = context.getBean(NetTraceEndpointWebExtension.class).hosts(user("admin"));
			assertThat(hosts.hosts()).containsOnlyKeys("api.test", "_IP");
			assertThat(answers(hosts.hosts().get("api.test"))).containsExactly(HIDDEN);
			assertThat(addresses(hosts.hosts().get("api.test"))).containsExactly(HIDDEN);
			assertThat(addresses(hosts.hosts().get("_IP"))).containsExactly(HIDDEN, HIDDEN);
			assertThat(hosts.toString()).doesNotContain("10.0.0");
		});
	}

	@Test
	void showsAddressesIfTold() {
		this.exposed.withPropertyValues("management.endpoint.nettrace.show-values=always").run((context) -> {
			operate(context);
			NetTraceEndpoint.Hosts hosts = context.getBean(NetTraceEndpointWebExtension.class)
				.hosts(SecurityContext.NONE);
			assertThat(hosts.hosts()).containsOnlyKeys("api.test", "10.0.0.7", "10.0.0.8");
			assertThat(answers(hosts.hosts().get("api.test"))).containsExactly("10.0.0.1");
			assertThat(addresses(hosts.hosts().get("10.0.0.8"))).containsExactly("10.0.0.8:443");
			assertThat(context.getBean(NetTraceEndpoint.class).hosts()).isEqualTo(hosts);
		});
	}

	@Test
	void showsAddressesToThoseWhoHaveTheRole() {
		this.exposed
			.withPropertyValues("management.endpoint.nettrace.show-values=when-authorized",
					"management.endpoint.nettrace.roles=network")
			.run((context) -> {
				operate(context);
				NetTraceEndpointWebExtension extension = context.getBean(NetTraceEndpointWebExtension.class);
				assertThat(answers(extension.hosts(user("network")).hosts().get("api.test")))
					.containsExactly("10.0.0.1");
				assertThat(answers(extension.hosts(user("other")).hosts().get("api.test"))).containsExactly(HIDDEN);
				assertThat(answers(extension.host(user("other"), "api.test").getBody())).containsExactly(HIDDEN);
			});
	}

	@Test
	void sanitizingFunctionsOfTheApplicationApply() {
		this.exposed.withPropertyValues("management.endpoint.nettrace.show-values=always")
			.withBean(SanitizingFunction.class,
					() -> (data) -> data.getKey().equals("dns.answers") ? data.withValue("10.x.x.x") : data)
			.run((context) -> {
				operate(context);
				HostActivity activity = context.getBean(NetTraceEndpoint.class).host("api.test");
				assertThat(answers(activity)).containsExactly("10.x.x.x");
				assertThat(addresses(activity)).containsExactly("10.0.0.1:443");
			});
	}

	@Test
	void oneHostIsFoundByItsName() {
		this.exposed.run((context) -> {
			operate(context);
			NetTraceEndpointWebExtension extension = context.getBean(NetTraceEndpointWebExtension.class);
			WebEndpointResponse<@Nullable HostActivity> response = extension.host(SecurityContext.NONE, "api.test");
			assertThat(response.getStatus()).isEqualTo(200);
			assertThat(response.getBody()).isEqualTo(extension.hosts(SecurityContext.NONE).hosts().get("api.test"));
			assertThat(extension.host(SecurityContext.NONE, "unheard.of").getStatus()).isEqualTo(404);
			// Otherwise one could ask which addresses are there
			assertThat(extension.host(SecurityContext.NONE, "10.0.0.7").getStatus()).isEqualTo(404);
		});
	}

	@Test
	void boundsAreProperties() {
		this.exposed
			.withPropertyValues("nettrace.endpoint.max-hosts=2", "nettrace.endpoint.max-entries=1",
					"management.endpoint.nettrace.show-values=always")
			.run((context) -> {
				operate(context);
				operate(context);
				Map<String, HostActivity> hosts = context.getBean(NetTraceEndpoint.class).hosts().hosts();
				assertThat(hosts).containsOnlyKeys("10.0.0.7", "10.0.0.8");
				assertThat(hosts.values()).allSatisfy((activity) -> assertThat(activity.connects()).hasSize(1));
			});
	}

	@Test
	void defaultIsNever() {
		this.exposed.run((context) -> assertThat(context.getBean(NetTraceEndpointProperties.class))
			.isEqualTo(new NetTraceEndpointProperties(Show.NEVER, Set.of())));
	}

	private static void operate(ApplicationContext context) {
		operate(context.getBean(NetTracing.class));
	}

	private static void operate(NetTracing tracing) {
		NetTrace trace = tracing.blockingDial("jetty", null, -1);
		InetSocketAddress peer = new InetSocketAddress("10.0.0.1", 443);
		trace.dnsStart("api.test");
		trace.dnsDone(List.of(peer.getAddress()), false, null);
		connect(trace, "10.0.0.1", new ConnectException("Connection refused: 10.0.0.1"));
		connect(tracing.blockingDial("jetty", null, -1), "10.0.0.7", null);
		connect(tracing.blockingDial("jetty", null, -1), "10.0.0.8", null);
	}

	private static void connect(NetTrace trace, String address, @Nullable Throwable error) {
		InetSocketAddress peer = new InetSocketAddress(address, 443);
		trace.connectStart("tcp", peer);
		trace.connectDone("tcp", peer, error);
	}

	private static List<String> answers(@Nullable HostActivity activity) {
		return Objects.requireNonNull(Objects.requireNonNull(activity).lookup()).answers();
	}

	private static List<String> addresses(@Nullable HostActivity activity) {
		return Objects.requireNonNull(activity).connects().stream().map(HostActivity.Connect::address).toList();
	}

	private static SecurityContext user(String role) {
		return new SecurityContext() {

			@Override
			public Principal getPrincipal() {
				return () -> "someone";
			}

			@Override
			public boolean isUserInRole(String other) {
				return role.equals(other);
			}

		};
	}

}
