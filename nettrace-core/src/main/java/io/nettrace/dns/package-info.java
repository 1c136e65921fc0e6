/**
 * Lookups with hooks: concurrent ones for one name are shared by the rules of Go's
 * resolver.
 */
@NullMarked
package io.nettrace.dns;

import org.jspecify.annotations.NullMarked;
