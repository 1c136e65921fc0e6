/**
 * The hooks of Go's {@code internal/nettrace} and how they reach the place where they
 * fire: bound to a thread, captured for one operation, carried by its addresses.
 */
@NullMarked
package io.nettrace;

import org.jspecify.annotations.NullMarked;
