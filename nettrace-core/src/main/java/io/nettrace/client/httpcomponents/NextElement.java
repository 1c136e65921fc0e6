package io.nettrace.client.httpcomponents;

import java.io.IOException;

import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.jspecify.annotations.Nullable;

/**
 * The element behind another one in a client's chain of interceptors, and the chain
 * behind it.
 *
 * @param element the library's element
 * @param handler what the element calls
 * @param rest the chain that the handler is given, {@code null} for the last element
 */
record NextElement(Object element, ExecChainHandler handler, @Nullable ExecChain rest) {

	/**
	 * Call the handler, as the element does.
	 */
	@SuppressWarnings("NullAway") // the library has no chain behind the last element
	ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope) throws IOException, HttpException {
		return this.handler.execute(request, scope, this.rest);
	}

}
