/**
 * Runs the application with nettrace and without, and compares.
 */
@NullMarked
package io.nettrace.equality;

import org.jspecify.annotations.NullMarked;
