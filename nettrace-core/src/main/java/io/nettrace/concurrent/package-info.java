/**
 * Time, waiting and threads for lookups and dialing, behind a seam so that tests can run
 * both in virtual time.
 */
@NullMarked
package io.nettrace.concurrent;

import org.jspecify.annotations.NullMarked;
