/**
 * Runs recordings of real Go against nettrace, in virtual time.
 */
@NullMarked
package io.nettrace.conformance;

import org.jspecify.annotations.NullMarked;
