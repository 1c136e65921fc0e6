/**
 * From hooks to Micrometer observations: one for each lookup and one for each connect
 * attempt, children of the request's observation.
 */
@NullMarked
package io.nettrace.observation;

import org.jspecify.annotations.NullMarked;
