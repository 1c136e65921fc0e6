/**
 * Tests of the page, in applications of their own.
 */
@NullMarked
package io.nettrace.page;

import org.jspecify.annotations.NullMarked;
