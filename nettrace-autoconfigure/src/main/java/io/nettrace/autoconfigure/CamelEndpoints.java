package io.nettrace.autoconfigure;

import java.lang.reflect.Method;
import java.util.regex.Pattern;

import io.nettrace.client.httpcomponents.BootConnectionManagers;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import org.apache.camel.Endpoint;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.camel.spi.EndpointStrategy;
import org.apache.camel.spi.InterceptSendToEndpoint;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.util.ReflectionUtils;

/**
 * Traces endpoints of Camel's component {@code http} when they are made. Their client is
 * made later, of a builder and a connection manager that they have already, and after
 * that the application's {@code HttpClientConfigurer} is called.
 */
final class CamelEndpoints implements EndpointStrategy {

	/**
	 * It has a setter only: its getter makes a client.
	 */
	static final String CLIENT_FIELD = "httpClient";

	/**
	 * An option of the application's, in the endpoint's URI. That of the component is not
	 * there.
	 */
	private static final Pattern OWN_MANAGER = Pattern.compile("[?&]clientConnectionManager=");

	private final PrivateField client = PrivateField.of(HttpEndpoint.class, CLIENT_FIELD);

	private final ObjectProvider<NetTraceHttpComponents> netTrace;

	private final ObjectProvider<ClientCoverage> coverage;

	CamelEndpoints(ObjectProvider<NetTraceHttpComponents> netTrace, ObjectProvider<ClientCoverage> coverage) {
		this.netTrace = netTrace;
		this.coverage = coverage;
	}

	@Override
	public Endpoint registerEndpoint(String uri, Endpoint endpoint) {
		Endpoint original = (endpoint instanceof InterceptSendToEndpoint intercepted)
				? intercepted.getOriginalEndpoint() : endpoint;
		if (original instanceof HttpEndpoint http) {
			instrument(http, this.netTrace.getObject(), this.coverage.getObject());
		}
		return endpoint;
	}

	/**
	 * An endpoint is named by its component: a route may make any number of endpoints,
	 * and their URIs may hold what is secret.
	 */
	private void instrument(HttpEndpoint endpoint, NetTraceHttpComponents netTrace, ClientCoverage coverage) {
		String component = "Camel's component '" + component(endpoint) + "'";
		if (this.client.get(endpoint) != null) {
			coverage.notInstrumented(component + " (endpoints with an HttpClient of their own)",
					"it was set, and cannot be changed");
			return;
		}
		HttpClientConnectionManager manager = endpoint.getClientConnectionManager();
		HttpClientConnectionManager traced = (manager == null || isOwn(manager, endpoint)) ? manager
				: BootConnectionManagers.standInFor(netTrace, manager);
		if (traced == null || !BootConnectionManagers.isTraced(netTrace, traced)) {
			coverage.notInstrumented(component + " (endpoints with a connection manager of the application's)",
					"it is left alone; to see it, build it with connectionManagerBuilder() of the bean "
							+ NetTraceHttpComponents.class.getName());
			return;
		}
		if (traced != manager) {
			endpoint.setClientConnectionManager(traced);
		}
		netTrace.instrument(endpoint.getClientBuilder().setConnectionManager(traced));
		coverage.instrumented(component, ": " + ClientInstrumentation.EVERYTHING);
	}

	private static String component(HttpEndpoint endpoint) {
		String uri = endpoint.getEndpointUri();
		int end = uri.indexOf(':');
		return (end > 0) ? uri.substring(0, end) : "http";
	}

	/**
	 * Only an endpoint that the component has made has options, which are empty if the
	 * URI has none, and a connection manager of the component's making.
	 */
	private static boolean isOwn(HttpClientConnectionManager manager, HttpEndpoint endpoint) {
		return endpoint.getHttpConnectionOptions() == null || endpoint.getComponent() == null
				|| manager == endpoint.getComponent().getClientConnectionManager()
				|| makesItsOwn(endpoint.getComponent()) || OWN_MANAGER.matcher(endpoint.getEndpointUri()).find();
	}

	/**
	 * A component of the application's may return one that is in use elsewhere.
	 */
	private static boolean makesItsOwn(HttpComponent component) {
		Method maker = ReflectionUtils.findMethod(component.getClass(), "createConnectionManager", (Class<?>[]) null);
		return maker != null && maker.getDeclaringClass() != HttpComponent.class;
	}

}
