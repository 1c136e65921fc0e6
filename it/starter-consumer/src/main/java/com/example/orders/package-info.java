/**
 * A project that adds the starter and nothing else of nettrace.
 */
@NullMarked
package com.example.orders;

import org.jspecify.annotations.NullMarked;
