/**
 * The JDK's own clients, {@code java.net.http.HttpClient} and {@code HttpURLConnection}:
 * their lookups, on Java 18 and later with the module nettrace-jvm-resolver. Their
 * connects cannot be seen.
 */
@NullMarked
package io.nettrace.client.jdk;

import org.jspecify.annotations.NullMarked;
