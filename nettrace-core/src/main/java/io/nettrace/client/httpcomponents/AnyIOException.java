package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.UnknownHostException;

/**
 * Lets a resolver throw any {@link IOException}, though the library's interface has
 * {@link UnknownHostException} only: resolvers of applications do so, and the library's
 * retry strategy tells the two apart.
 */
final class AnyIOException {

	private AnyIOException() {
	}

	/**
	 * Throw an exception as it is.
	 * @return never
	 */
	static IllegalStateException thrown(IOException failure) throws UnknownHostException {
		AnyIOException.<UnknownHostException>throwAs(failure);
		return new IllegalStateException(failure);
	}

	@SuppressWarnings("unchecked")
	private static <E extends IOException> void throwAs(IOException failure) throws E {
		throw (E) failure;
	}

}
