/**
 * Tests of the HttpComponents adapter.
 */
@NullMarked
package io.nettrace.client.httpcomponents;

import org.jspecify.annotations.NullMarked;
