/**
 * Tests of the dialer, in virtual time and with real sockets.
 */
@NullMarked
package io.nettrace.dial;

import org.jspecify.annotations.NullMarked;
