/**
 * Tests of the spans.
 */
@NullMarked
package io.nettrace.observation.span;

import org.jspecify.annotations.NullMarked;
