/**
 * MongoDB's drivers.
 */
@NullMarked
package io.nettrace.client.mongodb;

import org.jspecify.annotations.NullMarked;
