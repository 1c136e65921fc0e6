package io.nettrace.autoconfigure;

import java.io.FileInputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.micrometer.observation.ObservationRegistry;
import io.nettrace.observation.ErrorType;
import io.nettrace.observation.ObservationNetTraceFactory;
import io.nettrace.observation.ObservationSettings;
import io.nettrace.test.RefusingAddress;

/**
 * A program that has the operating system refuse connects and lookups, and prints a line
 * for each: what is expected, {@code error.type}, and what the exception says. It needs
 * its own process for the language and the limit of open files.
 */
public final class RealFaults {

	private RealFaults() {
	}

	/**
	 * Run it.
	 * @param args what the operating system says of faults that do not happen at will: a
	 * value of {@code error.type} and the text, URL-encoded, one after the other
	 */
	public static void main(String[] args) throws IOException {
		// as an application does when it starts
		new ObservationNetTraceFactory(ObservationRegistry::create, ObservationSettings.defaults());
		try (RefusingAddress refusing = RefusingAddress.open()) {
			tell("connection_refused", () -> connect(refusing.address()));
			tell("connection_refused", () -> connectChannel(refusing.address()));
		}
		InetSocketAddress broadcast = new InetSocketAddress("127.255.255.255", 80);
		tell("network_unreachable", () -> connect(broadcast));
		tell("network_unreachable", () -> connectChannel(broadcast));
		tell("address_not_available", () -> {
			try (Socket socket = new Socket()) {
				socket.bind(new InetSocketAddress("192.0.2.1", 0));
			}
		});
		if (hasIpv6()) {
			tell("invalid_argument", () -> connect(new InetSocketAddress("fe80::1", 80)));
		}
		List<FileInputStream> opened = new ArrayList<>();
		try {
			openUntilNoneIsLeft(opened);
			openUntilNoneIsLeft(opened); // what the JVM has just read may have been
											// closed
			tell("too_many_open_sockets", () -> connect(broadcast));
			openUntilNoneIsLeft(opened);
			tell("too_many_open_sockets", SocketChannel::open);
		}
		finally {
			for (FileInputStream each : opened) {
				each.close();
			}
		}
		tell("host_not_found", () -> InetAddress.getByName("a..test"));
		for (int i = 0; i + 1 < args.length; i += 2) {
			String text = URLDecoder.decode(args[i + 1], StandardCharsets.UTF_8);
			IOException said = args[i].equals("try_again") ? new UnknownHostException("a.test: " + text)
					: new ConnectException(text);
			tell(args[i], () -> {
				throw said;
			});
		}
	}

	private static boolean hasIpv6() {
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
			return server.isBound();
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static void openUntilNoneIsLeft(List<FileInputStream> opened) {
		try {
			while (opened.size() < 10_000) {
				opened.add(new FileInputStream("/dev/null"));
			}
		}
		catch (IOException ex) {
			// none is left
		}
	}

	private static void connect(InetSocketAddress address) throws IOException {
		try (Socket socket = new Socket()) {
			socket.connect(address, 2_000);
		}
	}

	private static void connectChannel(InetSocketAddress address) throws IOException {
		try (SocketChannel channel = SocketChannel.open()) {
			channel.connect(address);
		}
	}

	private static void tell(String expected, Fault fault) {
		try {
			fault.happen();
			System.out.println(expected + " nothing");
		}
		catch (Exception ex) {
			System.out.println(expected + " " + ErrorType.of(ex) + " " + ex);
		}
	}

	private interface Fault {

		void happen() throws Exception;

	}

}
