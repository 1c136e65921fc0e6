/**
 * Tests of what instrumentation needs.
 */
@NullMarked
package io.nettrace.instrument;

import org.jspecify.annotations.NullMarked;
