/**
 * Starts the application as processes of their own, with class paths that lack something.
 */
@NullMarked
package io.nettrace.slices;

import org.jspecify.annotations.NullMarked;
