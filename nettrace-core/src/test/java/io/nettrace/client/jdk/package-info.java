/**
 * Tests of the JDK's clients.
 */
@NullMarked
package io.nettrace.client.jdk;

import org.jspecify.annotations.NullMarked;
