/**
 * Servers on loopback that tests and the demo need: names with faults, addresses that
 * refuse or never answer, a SOCKS proxy and a receiver of spans and meters. Nothing here
 * leaves the machine, or depends on nettrace.
 */
@NullMarked
package io.nettrace.test;

import org.jspecify.annotations.NullMarked;
