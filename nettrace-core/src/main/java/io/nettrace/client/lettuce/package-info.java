/**
 * Lettuce, a client of Redis and Valkey.
 */
@NullMarked
package io.nettrace.client.lettuce;

import org.jspecify.annotations.NullMarked;
