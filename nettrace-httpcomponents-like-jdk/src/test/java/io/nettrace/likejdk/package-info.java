/**
 * HttpComponents beside the JDK's client.
 */
@NullMarked
package io.nettrace.likejdk;

import org.jspecify.annotations.NullMarked;
