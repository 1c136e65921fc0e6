package io.nettrace.client.mongodb;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

import com.mongodb.spi.dns.InetAddressResolver;

/**
 * What the driver does by default.
 */
final class JvmResolver implements InetAddressResolver {

	@Override
	public List<InetAddress> lookupByName(String host) throws UnknownHostException {
		return List.of(InetAddress.getAllByName(host));
	}

}
