package io.nettrace.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The texts that {@code docs/symptoms.md} begins with are those of the libraries: each is
 * in the class that prints it. An update that words one otherwise fails here.
 */
class SymptomTextsTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					Timeout deadline:                                                          | org.apache.hc.core5.util.TimeoutValueException
					Pool#acquire(Duration) has been pending for more than the configured timeout of | reactor.netty.internal.shaded.reactor.pool.PoolAcquireTimeoutException
					Pending acquire queue has reached its maximum size of                      | reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException
					Max requests queued per destination                                        | org.eclipse.jetty.client.transport.HttpDestination
					Connection prematurely closed BEFORE response                              | reactor.netty.http.client.HttpClientOperations
					failed to respond                                                          | org.apache.hc.client5.http.impl.classic.HttpRequestRetryExec
					unexpected end of stream on                                                | okhttp3.internal.http1.Http1ExchangeCodec
					HTTP/1.1 header parser received no bytes                                   | jdk.internal.net.http.Http1HeaderParser
					Connection reset                                                           | sun.nio.ch.NioSocketImpl
					Read timed out                                                             | sun.nio.ch.NioSocketImpl
					Total timeout                                                              | org.eclipse.jetty.client.transport.HttpConnection$RequestTimeouts
					Idle timeout expired:                                                      | org.eclipse.jetty.io.IdleTimeout
					request timed out                                                          | jdk.internal.net.http.MultiExchange
					Failed to resolve '                                                        | io.netty.resolver.dns.DnsResolveContext
					Connect timed out                                                          | sun.nio.ch.NioSocketImpl
					connection timed out after                                                 | io.netty.channel.nio.AbstractNioChannel$AbstractNioUnsafe$1
					HTTP connect timed out                                                     | jdk.internal.net.http.MultiExchange
					PKIX path building failed                                                  | sun.security.validator.PKIXValidator
					PKIX path validation failed                                                | sun.security.validator.PKIXValidator
					unable to find valid certification path to requested target                | sun.security.provider.certpath.SunCertPathBuilder
					No subject alternative DNS name matching                                   | sun.security.util.HostnameChecker
					doesn't match any of the subject alternative names                         | org.apache.hc.client5.http.ssl.DefaultHostnameVerifier
					Received fatal alert:                                                      | sun.security.ssl.Alert$AlertConsumer
					Remote host terminated the handshake                                       | sun.security.ssl.SSLSocketImpl
					handshake timed out after                                                  | io.netty.handler.ssl.SslHandler
					Unsupported or unrecognized SSL message                                    | sun.security.ssl.SSLSocketInputRecord
					not an SSL/TLS record                                                      | io.netty.handler.ssl.SslHandler
					""",
			quoteCharacter = '"')
	void textIsThatOfTheLibrary(String text, String className) throws Exception {
		assertThat(constants(className)).contains(text);
		assertThat(Files.readString(DocumentedBlock.DOCS.resolve("symptoms.md"))).contains(text);
	}

	/**
	 * The class as a text, in which its constants are as they are.
	 */
	private static String constants(String className) throws IOException, ClassNotFoundException {
		Class<?> type = Class.forName(className, false, SymptomTextsTests.class.getClassLoader());
		String file = "/" + className.replace('.', '/') + ".class";
		try (InputStream stream = type.getResourceAsStream(file)) {
			assertThat(stream).as(file).isNotNull();
			return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
		}
	}

}
