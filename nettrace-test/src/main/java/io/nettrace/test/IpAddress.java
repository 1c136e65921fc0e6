package io.nettrace.test;

import java.net.InetAddress;
import java.net.UnknownHostException;

import org.xbill.DNS.Address;

/**
 * Reads IP addresses, and never asks a resolver as {@link InetAddress#getByName} may.
 */
final class IpAddress {

	private IpAddress() {
	}

	static InetAddress of(String literal) {
		try {
			return Address.getByAddress(literal);
		}
		catch (UnknownHostException ex) {
			throw new IllegalArgumentException("'literal' must be an IP address, not \"" + literal + "\"", ex);
		}
	}

}
