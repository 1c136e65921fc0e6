/**
 * Jetty's HttpClient 12.1 and later.
 */
@NullMarked
package io.nettrace.client.jetty;

import org.jspecify.annotations.NullMarked;
