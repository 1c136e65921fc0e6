/**
 * Tests of the JVM's resolver, under the JDK's own clients.
 */
@NullMarked
package io.nettrace.jvm;

import org.jspecify.annotations.NullMarked;
