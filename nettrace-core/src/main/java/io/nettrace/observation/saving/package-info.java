/**
 * What saves bytes.
 */
@NullMarked
package io.nettrace.observation.saving;

import org.jspecify.annotations.NullMarked;
