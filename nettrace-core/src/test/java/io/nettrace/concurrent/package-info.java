/**
 * Virtual time, and tests of waiting and threads.
 */
@NullMarked
package io.nettrace.concurrent;

import org.jspecify.annotations.NullMarked;
