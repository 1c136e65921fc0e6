/**
 * Holds every client to recordings of Go's {@code net/http/httptrace}: runs their
 * scenarios against scripted servers, checks the rules that they show, and compares the
 * hooks.
 */
@NullMarked
package io.nettrace.contract.httptrace;

import org.jspecify.annotations.NullMarked;
