/**
 * Whole requests under random faults: whatever becomes of a request, what its hooks, its
 * spans and the records of its connections say must add up.
 */
@NullMarked
package io.nettrace.contract.stress;

import org.jspecify.annotations.NullMarked;
