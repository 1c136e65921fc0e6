/**
 * Tests of the Reactor Netty adapter.
 */
@NullMarked
package io.nettrace.client.reactor;

import org.jspecify.annotations.NullMarked;
