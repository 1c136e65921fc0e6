/**
 * What the tests of the client adapters share.
 */
@NullMarked
package io.nettrace.client;

import org.jspecify.annotations.NullMarked;
