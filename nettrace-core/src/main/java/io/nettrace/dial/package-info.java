/**
 * Connects to the first address of several that answers, by the rules of Go's dialer or
 * of RFC 8305.
 */
@NullMarked
package io.nettrace.dial;

import org.jspecify.annotations.NullMarked;
