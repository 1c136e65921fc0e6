package io.nettrace.equality;

import java.net.InetAddress;

import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * HttpComponents routes with a local address.
 */
final class LocalAddressRoutePlanner extends DefaultRoutePlanner {

	private final InetAddress address;

	LocalAddressRoutePlanner(InetAddress address) {
		super(null);
		this.address = address;
	}

	@Override
	protected @Nullable InetAddress determineLocalAddress(@Nullable HttpHost firstHop, HttpContext context) {
		return this.address;
	}

}
