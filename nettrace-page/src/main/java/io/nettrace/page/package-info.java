/**
 * A page of the application itself, for its developers: its last outgoing requests, and
 * where the time of each went.
 */
@NullMarked
package io.nettrace.page;

import org.jspecify.annotations.NullMarked;
