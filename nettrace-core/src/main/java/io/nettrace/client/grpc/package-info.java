/**
 * gRPC on Netty: the channels of grpc-netty.
 */
@NullMarked
package io.nettrace.client.grpc;

import org.jspecify.annotations.NullMarked;
