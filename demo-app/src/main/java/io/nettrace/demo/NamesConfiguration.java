package io.nettrace.demo;

import java.net.InetAddress;
import java.net.UnknownHostException;

import io.nettrace.test.DnsClient;
import io.nettrace.test.DnsServer;
import org.apache.hc.client5.http.DnsResolver;

import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Names without the internet: a DNS server inside this process, and a resolver that asks
 * it, set as any application would set its own.
 */
@Configuration(proxyBeanMethods = false)
class NamesConfiguration {

	@Bean
	DnsServer dnsServer() {
		DnsServer server = DnsServer.start();
		Scenario.ALL.forEach((scenario) -> server.set(scenario.host(), scenario.answer()));
		return server;
	}

	@Bean
	ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> demoNames(
			DnsServer server) {
		return (builder) -> builder.withDnsResolver(new DemoResolver(server.client()));
	}

	private record DemoResolver(DnsClient client) implements DnsResolver {

		@Override
		public InetAddress[] resolve(String host) throws UnknownHostException {
			return this.client.resolve(host).toArray(InetAddress[]::new);
		}

		@Override
		public String resolveCanonicalHostname(String host) {
			return host;
		}

	}

}
