/**
 * Tests of the events of Java Flight Recorder.
 */
@NullMarked
package io.nettrace.observation.jfr;

import org.jspecify.annotations.NullMarked;
