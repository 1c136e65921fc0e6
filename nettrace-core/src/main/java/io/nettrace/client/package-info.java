/**
 * One package for each HTTP client library; each needs only its own library.
 */
@NullMarked
package io.nettrace.client;

import org.jspecify.annotations.NullMarked;
