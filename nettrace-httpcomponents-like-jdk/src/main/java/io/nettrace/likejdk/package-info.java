/**
 * Manners of the JDK's HTTP client for HttpComponents, where a starter put it into that
 * client's place.
 */
@NullMarked
package io.nettrace.likejdk;

import org.jspecify.annotations.NullMarked;
