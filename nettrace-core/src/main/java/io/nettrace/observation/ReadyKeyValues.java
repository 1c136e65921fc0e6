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
import io.nettrace.observation.NetTraceObservationDocumentation.DnsLookupHighCardinalityKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation.DnsLookupLowCardinalityKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation.SocketConnectHighCardinalityKeyNames;

/**
 * Key values that are shared, and such that become text only when somebody reads them:
 * meters never look at those of high cardinality.
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
		return new Numeric(SocketConnectHighCardinalityKeyNames.ATTEMPT, number);
	}

	static KeyValue port(KeyName key, SocketAddress address) {
		return (address instanceof InetSocketAddress inet) ? new Numeric(key, inet.getPort())
				: KeyValue.of(key, NetTraceObservationDocumentation.NONE);
	}

	static KeyValue answers(DnsLookupContext context) {
		return new Answers(context);
	}

	static void writeAnswers(DnsLookupContext context, SpanAttributes.Sink sink) {
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
		return (address instanceof InetSocketAddress inet) ? new PeerAddress(inet)
				: KeyValue.of(SocketConnectHighCardinalityKeyNames.PEER_ADDRESS, address.toString());
	}

	/**
	 * A number.
	 */
	record Numeric(KeyName name, int number) implements KeyValue {

		@Override
		public String getKey() {
			return this.name.asString();
		}

		@Override
		public String getValue() {
			return Integer.toString(this.number);
		}

	}

	/**
	 * What the lookup has found so far: nothing, until it is done.
	 */
	record Answers(DnsLookupContext context) implements KeyValue {

		@Override
		public String getKey() {
			return DnsLookupHighCardinalityKeyNames.ANSWERS.asString();
		}

		@Override
		public String getValue() {
			List<InetAddress> answers = this.context.getAnswers();
			return answers.isEmpty() ? NetTraceObservationDocumentation.NONE : String.join(",", texts(answers));
		}

	}

	/**
	 * An address without its name.
	 */
	record PeerAddress(InetSocketAddress address) implements KeyValue {

		@Override
		public String getKey() {
			return SocketConnectHighCardinalityKeyNames.PEER_ADDRESS.asString();
		}

		@Override
		public String getValue() {
			InetAddress resolved = this.address.getAddress();
			return (resolved != null) ? IpText.of(resolved) : NetTraceObservationDocumentation.NONE;
		}

	}

}
