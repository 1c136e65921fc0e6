/**
 * Netty itself, for libraries whose connections are made by a bootstrap: Lettuce, gRPC,
 * R2DBC, the AWS SDK.
 */
@NullMarked
package io.nettrace.client.netty;

import org.jspecify.annotations.NullMarked;
