/**
 * Tests of shared lookups, most of them in virtual time.
 */
@NullMarked
package io.nettrace.dns;

import org.jspecify.annotations.NullMarked;
