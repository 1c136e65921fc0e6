/**
 * An application whose clients must show lookups and connects, whatever the versions.
 */
@NullMarked
package com.example.versions;

import org.jspecify.annotations.NullMarked;
