/**
 * What every client shows, and the table of it. These tests are in the
 * auto-configuration's package, because they use the helpers of its tests.
 */
@NullMarked
package io.nettrace.autoconfigure;

import org.jspecify.annotations.NullMarked;
