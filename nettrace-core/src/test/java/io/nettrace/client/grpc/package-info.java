/**
 * Tests of what traces gRPC.
 */
@NullMarked
package io.nettrace.client.grpc;

import org.jspecify.annotations.NullMarked;
