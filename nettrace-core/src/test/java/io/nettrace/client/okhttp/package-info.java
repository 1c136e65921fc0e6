/**
 * Tests of the Jetty adapter.
 */
@NullMarked
package io.nettrace.client.okhttp;

import org.jspecify.annotations.NullMarked;
