/**
 * The application of the equality tests, which knows nothing of nettrace: it sends the
 * requests of each scenario with each client and records everything that it can observe.
 */
@NullMarked
package io.nettrace.equality;

import org.jspecify.annotations.NullMarked;
