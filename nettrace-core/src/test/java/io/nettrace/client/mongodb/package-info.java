/**
 * Tests of what traces MongoDB.
 */
@NullMarked
package io.nettrace.client.mongodb;

import org.jspecify.annotations.NullMarked;
