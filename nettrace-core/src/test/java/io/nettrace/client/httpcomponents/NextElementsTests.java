package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.RedirectExec;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One element less in the library's chain.
 */
class NextElementsTests {

	private final NextElements elements = new NextElements();

	private final List<@Nullable NextElement> seen = new ArrayList<>();

	private static ClassicHttpResponse answer() {
		return new BasicClassicHttpResponse(HttpStatus.SC_NO_CONTENT);
	}

	private CloseableHttpClient client(HttpClientBuilder builder) {
		return builder.addExecInterceptorFirst("this", (request, scope, chain) -> {
			NextElement next = this.elements.of(chain);
			this.seen.add(next);
			return (next != null) ? next.execute(request, scope) : chain.proceed(request, scope);
		}).build();
	}

	private void send(CloseableHttpClient client) throws IOException {
		client.execute(new HttpGet("http://localhost/"), (response) -> response.getCode());
	}

	@Test
	void isTheSameEachTime() throws IOException {
		try (CloseableHttpClient client = client(HttpClientBuilder.create()
			.addExecInterceptorBefore(ChainElement.CONNECT.name(), "answer", (request, scope, chain) -> answer()))) {
			send(client);
			send(client);
		}
		assertThat(this.seen).hasSize(2).doesNotContainNull();
		assertThat(this.seen.get(0).handler()).isInstanceOf(RedirectExec.class);
		assertThat(this.seen.get(1)).isSameAs(this.seen.get(0));
	}

	@Test
	void callsAllThatFollow() throws IOException {
		List<String> called = new ArrayList<>();
		HttpClientBuilder builder = HttpClientBuilder.create()
			.addExecInterceptorFirst("third", passing(called, "third"))
			.addExecInterceptorFirst("second", passing(called, "second"))
			.addExecInterceptorBefore(ChainElement.CONNECT.name(), "answer", (request, scope, chain) -> answer());
		try (CloseableHttpClient client = client(builder)) {
			send(client);
		}
		assertThat(called).containsExactly("second", "third");
		assertThat(this.seen).doesNotContainNull();
	}

	private static ExecChainHandler passing(List<String> called, String name) {
		return (request, scope, chain) -> {
			called.add(name);
			return chain.proceed(request, scope);
		};
	}

	@Test
	void isAnotherOneForAnotherClientOfTheBuilder() throws IOException {
		HttpClientBuilder builder = HttpClientBuilder.create()
			.addExecInterceptorBefore(ChainElement.CONNECT.name(), "answer", (request, scope, chain) -> answer());
		try (CloseableHttpClient one = client(builder);
				CloseableHttpClient other = builder.disableRedirectHandling().build()) {
			send(one);
			send(other);
			send(one);
			send(other);
		}
		assertThat(this.seen).extracting(NextElement::handler)
			.extracting(Object::getClass)
			.extracting(Class::getSimpleName)
			.containsExactly("RedirectExec", "HttpRequestRetryExec", "RedirectExec", "HttpRequestRetryExec");
	}

	@Test
	void aChainThatIsNotTheLibrarysIsLeftAlone() {
		ExecChain withoutState = (request, scope) -> answer();
		String state = toString();
		ExecChain withOtherState = (request, scope) -> {
			throw new IOException(state);
		};
		ExecChain withMoreState = (request, scope) -> {
			throw new IOException(state + this.seen);
		};
		assertThat(this.elements.of(withoutState)).isNull();
		assertThat(this.elements.of(withOtherState)).isNull();
		assertThat(this.elements.of(withOtherState)).isNull();
		assertThat(this.elements.of(withMoreState)).isNull();
	}

}
