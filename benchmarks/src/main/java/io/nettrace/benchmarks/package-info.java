/**
 * The cost of a lookup, a connect and a request with nettrace, with its peers and without
 * either, measured in one run.
 */
@NullMarked
package io.nettrace.benchmarks;

import org.jspecify.annotations.NullMarked;
