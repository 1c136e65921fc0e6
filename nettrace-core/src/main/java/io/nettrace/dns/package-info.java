/**
 * Lookups with hooks. Concurrent lookups of one name share a call by the rules of Go's
 * resolver.
 */
@NullMarked
package io.nettrace.dns;

import org.jspecify.annotations.NullMarked;
