/**
 * Tests of what is kept of the last requests.
 */
@NullMarked
package io.nettrace.observation.recent;

import org.jspecify.annotations.NullMarked;
