/**
 * Runs the application as a process, each time with a class path that lacks something.
 */
@NullMarked
package io.nettrace.slices;

import org.jspecify.annotations.NullMarked;
