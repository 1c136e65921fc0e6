/**
 * What is observed as spans, or as events of the request's span.
 */
@NullMarked
package io.nettrace.observation.span;

import org.jspecify.annotations.NullMarked;
