/**
 * Reactor Netty HttpClient 1.3 and later.
 */
@NullMarked
package io.nettrace.client.reactor;

import org.jspecify.annotations.NullMarked;
