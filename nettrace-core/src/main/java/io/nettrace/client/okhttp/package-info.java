/**
 * OkHttp 5.
 */
@NullMarked
package io.nettrace.client.okhttp;

import org.jspecify.annotations.NullMarked;
