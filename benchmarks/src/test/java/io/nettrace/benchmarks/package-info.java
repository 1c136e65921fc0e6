/**
 * Every benchmark works, and what nettrace allocates stays within its bars.
 */
@NullMarked
package io.nettrace.benchmarks;

import org.jspecify.annotations.NullMarked;
