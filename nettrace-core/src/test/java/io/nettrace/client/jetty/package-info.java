/**
 * Tests of the Jetty adapter.
 */
@NullMarked
package io.nettrace.client.jetty;

import org.jspecify.annotations.NullMarked;
