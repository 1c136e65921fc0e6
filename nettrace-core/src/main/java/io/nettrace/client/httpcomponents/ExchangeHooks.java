package io.nettrace.client.httpcomponents;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link TracedConnection} tells while it sends one request and receives the head
 * of its response.
 */
interface ExchangeHooks {

	/**
	 * The head of the request is about to be written.
	 * @param connection the connection
	 */
	void sends(TracedConnection connection);

	/**
	 * The head of the request has been written.
	 */
	void wroteHead();

	/**
	 * The body waits for {@code 100 Continue}.
	 */
	void waitsToContinue();

	/**
	 * The request has been written, or failed to be after its head.
	 * @param error why it failed, or {@code null}
	 */
	void wrote(@Nullable Throwable error);

	/**
	 * The head of a response has been read.
	 * @param status its status, 1xx or final
	 */
	void received(int status);

	/**
	 * The pool keeps the connection.
	 */
	void pooled();

	/**
	 * The connection is being closed.
	 * @param error why, or {@code null} if the library does not tell
	 */
	void closed(@Nullable Throwable error);

}
