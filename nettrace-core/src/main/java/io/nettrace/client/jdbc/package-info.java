/**
 * JDBC drivers, which make their sockets by factories that they are given by name.
 */
@NullMarked
package io.nettrace.client.jdbc;

import org.jspecify.annotations.NullMarked;
