/**
 * Tests of the hooks.
 */
@NullMarked
package io.nettrace;

import org.jspecify.annotations.NullMarked;
