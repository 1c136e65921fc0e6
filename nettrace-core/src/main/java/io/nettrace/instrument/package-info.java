/**
 * What instrumentation of a client library needs: where a request gets its trace, and
 * what carries it. Not for applications.
 */
@NullMarked
package io.nettrace.instrument;

import org.jspecify.annotations.NullMarked;
