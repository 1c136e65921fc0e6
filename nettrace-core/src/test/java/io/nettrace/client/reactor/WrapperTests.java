package io.nettrace.client.reactor;

import java.net.InetSocketAddress;

import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import io.nettrace.TlsInfo;
import io.nettrace.client.Forwarding;
import io.netty.util.concurrent.ImmediateEventExecutor;
import org.junit.jupiter.api.Test;

class WrapperTests {

	@Test
	void dialForwards() {
		Forwarding.check(NetTrace.class, WrapperTests::dial);
	}

	/**
	 * Every step is under way, or its end would not be passed on.
	 */
	private static DialTrace dial(NetTrace delegate) {
		DialTrace dial = new DialTrace(delegate, ImmediateEventExecutor.INSTANCE);
		dial.dnsStart("a.test");
		dial.connectStart("tcp", new InetSocketAddress("127.0.0.1", 80));
		dial.proxyStart(new ProxyInfo("http", null, "a.test", 80, null));
		dial.tlsHandshakeStart(TlsInfo.starting("a.test"));
		return dial;
	}

}
