/**
 * The application of the equality tests, which knows nothing of nettrace: it sends the
 * requests of each scenario with each client and writes down all that can be seen of
 * them.
 */
@NullMarked
package io.nettrace.equality;

import org.jspecify.annotations.NullMarked;
