/**
 * Tests of what JDBC drivers make by name.
 */
@NullMarked
package io.nettrace.client.jdbc;

import org.jspecify.annotations.NullMarked;
