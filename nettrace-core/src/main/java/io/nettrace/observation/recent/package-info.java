/**
 * The last requests with their steps, for those who look at a running application.
 */
@NullMarked
package io.nettrace.observation.recent;

import org.jspecify.annotations.NullMarked;
