/**
 * Tests of the auto-configuration.
 */
@NullMarked
package io.nettrace.autoconfigure;

import org.jspecify.annotations.NullMarked;
