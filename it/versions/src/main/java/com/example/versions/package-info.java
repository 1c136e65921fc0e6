/**
 * An application whose clients must show lookups and connects with any supported version.
 */
@NullMarked
package com.example.versions;

import org.jspecify.annotations.NullMarked;
