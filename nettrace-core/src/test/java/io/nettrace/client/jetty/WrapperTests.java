package io.nettrace.client.jetty;

import io.nettrace.NetTrace;
import io.nettrace.client.Forwarding;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.LookupSettings;
import io.nettrace.dns.SingleFlightPolicy;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.junit.jupiter.api.Test;

class WrapperTests {

	@Test
	void dialForwards() {
		Forwarding.check(NetTrace.class,
				(trace) -> new DialTrace(trace, null, new JettyRequest(RequestTrace.NONE, true, false)));
	}

	@Test
	void resolverForwards() {
		LookupGroup lookups = new LookupGroup(LookupSettings.defaults().withSingleFlight(SingleFlightPolicy.NEVER),
				LookupThreads.create(), true);
		HttpClient client = new HttpClient();
		NetTracing tracing = new NetTracing();
		Forwarding.check(SocketAddressResolver.class, (delegate) -> new TracedSocketAddressResolver(delegate,
				new QueuedRequests(tracing, new JettyConnections(client, tracing)), lookups, client, null));
	}

}
