/**
 * Spring Boot auto-configuration: instruments the HTTP clients that Boot builds.
 */
@NullMarked
package io.nettrace.autoconfigure;

import org.jspecify.annotations.NullMarked;
