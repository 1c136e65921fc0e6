/**
 * R2DBC drivers on Reactor Netty.
 */
@NullMarked
package io.nettrace.client.r2dbc;

import org.jspecify.annotations.NullMarked;
