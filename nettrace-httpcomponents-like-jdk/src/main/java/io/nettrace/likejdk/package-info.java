/**
 * Makes HttpComponents behave like the JDK's HTTP client, if a starter has put it in that
 * client's place.
 */
@NullMarked
package io.nettrace.likejdk;

import org.jspecify.annotations.NullMarked;
