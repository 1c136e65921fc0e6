/**
 * An application that calls itself over loopback, with names and addresses that fail on
 * purpose, and shows the trace of each call on a page.
 */
@NullMarked
package io.nettrace.demo;

import org.jspecify.annotations.NullMarked;
