package io.nettrace.observation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.common.KeyValue;
import io.micrometer.common.docs.KeyName;
import io.nettrace.instrument.IpText;
import io.nettrace.observation.NetTraceObservationDocumentation.DnsLookupHighCardinalityKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation.DnsLookupLowCardinalityKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation.SocketConnectHighCardinalityKeyNames;
import org.jspecify.annotations.Nullable;

/**
 * Key values that are shared, and those that both the conventions and the contexts make.
 */
final class ReadyKeyValues {

	private static final int MAX_CLIENTS = 32;

	private static final Map<String, KeyValue> clients = new ConcurrentHashMap<>();

	private static final KeyValue[] attempts = { attemptNumber(1), attemptNumber(2), attemptNumber(3),
			attemptNumber(4) };

	private ReadyKeyValues() {
	}

	/**
	 * There is a handful of clients; whoever makes up more of them pays.
	 */
	static KeyValue client(String client) {
		KeyValue ready = clients.get(client);
		if (ready == null) {
			ready = KeyValue.of(DnsLookupLowCardinalityKeyNames.CLIENT, client);
			if (clients.size() < MAX_CLIENTS) {
				clients.put(client, ready);
			}
		}
		return ready;
	}

	static KeyValue attempt(int number) {
		return (number >= 1 && number <= attempts.length) ? attempts[number - 1] : attemptNumber(number);
	}

	private static KeyValue attemptNumber(int number) {
		return KeyValue.of(SocketConnectHighCardinalityKeyNames.ATTEMPT, Integer.toString(number));
	}

	static KeyValue port(KeyName key, SocketAddress address) {
		return KeyValue.of(key, (address instanceof InetSocketAddress inet) ? Integer.toString(inet.getPort())
				: NetTraceObservationDocumentation.NONE);
	}

	static KeyValue answers(DnsLookupContext context) {
		List<InetAddress> answers = context.getAnswers();
		return KeyValue.of(DnsLookupHighCardinalityKeyNames.ANSWERS,
				answers.isEmpty() ? NetTraceObservationDocumentation.NONE : String.join(",", texts(answers)));
	}

	static void writeAnswers(DnsLookupContext context, AttributeSink sink) {
		List<InetAddress> answers = context.getAnswers();
		if (!answers.isEmpty()) {
			sink.put(DnsLookupHighCardinalityKeyNames.ANSWERS.asString(), texts(answers));
		}
	}

	private static List<String> texts(List<InetAddress> addresses) {
		if (addresses.size() == 1) {
			return List.of(IpText.of(addresses.get(0)));
		}
		List<String> texts = new ArrayList<>(addresses.size());
		for (InetAddress address : addresses) {
			texts.add(IpText.of(address));
		}
		return texts;
	}

	static KeyValue peerAddress(SocketAddress address) {
		return KeyValue.of(SocketConnectHighCardinalityKeyNames.PEER_ADDRESS,
				(address instanceof InetSocketAddress inet) ? peerAddress(inet.getAddress()) : address.toString());
	}

	private static String peerAddress(@Nullable InetAddress resolved) {
		return (resolved != null) ? IpText.of(resolved) : NetTraceObservationDocumentation.NONE;
	}

}
