/**
 * What is observed as timers.
 */
@NullMarked
package io.nettrace.observation.meter;

import org.jspecify.annotations.NullMarked;
