/**
 * What applications implement and open: the hooks of Go's {@code net/http/httptrace} and
 * {@code internal/nettrace}, what they are told, and the context that binds them.
 */
@NullMarked
package io.nettrace;

import org.jspecify.annotations.NullMarked;
