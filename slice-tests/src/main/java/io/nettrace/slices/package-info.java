/**
 * A small application that works with whatever libraries are on its class path. Code that
 * refers to an optional library sits in a class of its own, loaded only where the library
 * is present.
 */
@NullMarked
package io.nettrace.slices;

import org.jspecify.annotations.NullMarked;
