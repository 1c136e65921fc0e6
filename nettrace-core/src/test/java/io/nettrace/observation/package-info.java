/**
 * Tests of the observations.
 */
@NullMarked
package io.nettrace.observation;

import org.jspecify.annotations.NullMarked;
