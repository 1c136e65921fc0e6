/**
 * What every client shows, and the table of it. In the auto-configuration's package, for
 * the helpers of its tests.
 */
@NullMarked
package io.nettrace.autoconfigure;

import org.jspecify.annotations.NullMarked;
