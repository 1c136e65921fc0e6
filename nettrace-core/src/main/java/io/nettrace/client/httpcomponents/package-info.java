/**
 * Apache HttpComponents HttpClient 5.5 and later: the classic client and the asynchronous
 * one.
 */
@NullMarked
package io.nettrace.client.httpcomponents;

import org.jspecify.annotations.NullMarked;
