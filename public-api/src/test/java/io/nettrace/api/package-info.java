/**
 * Makes each change of the public API visible: as a difference in a committed list.
 */
@NullMarked
package io.nettrace.api;

import org.jspecify.annotations.NullMarked;
