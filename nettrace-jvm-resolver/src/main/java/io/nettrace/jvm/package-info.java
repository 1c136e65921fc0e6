/**
 * The JVM's resolver, with hooks.
 */
@NullMarked
package io.nettrace.jvm;

import org.jspecify.annotations.NullMarked;
