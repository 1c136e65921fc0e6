package io.nettrace.autoconfigure;

import java.net.SocketAddress;
import java.util.concurrent.CountDownLatch;

import io.nettrace.NetTrace;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Tells when a connect has started.
 */
@Configuration(proxyBeanMethods = false)
class Connecting {

	final CountDownLatch started = new CountDownLatch(1);

	@Bean
	NetTrace connectTrace() {
		return new NetTrace() {

			@Override
			public void connectStart(String network, SocketAddress address) {
				Connecting.this.started.countDown();
			}

		};
	}

}
