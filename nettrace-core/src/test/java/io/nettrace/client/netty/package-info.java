/**
 * Tests of what is for all libraries on Netty.
 */
@NullMarked
package io.nettrace.client.netty;

import org.jspecify.annotations.NullMarked;
