package io.nettrace.client.reactor;

import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Objects;

import io.nettrace.dial.AsyncDialer;
import io.nettrace.dial.DialSettings;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientConfig;
import reactor.netty.transport.ClientTransport.ResolvedAddressSelector;
import reactor.netty.transport.ClientTransportConfig;

/**
 * Lets the addresses of a host race, after the client's own selector, which may be an
 * address filter, has left some out. It is part of the key of the pool, and of what the
 * pool holds for as long as the JVM runs: so it holds nothing of ours but settings, and
 * stands for the same as another one of an equal selector.
 */
final class RacingSelector implements ResolvedAddressSelector<HttpClientConfig> {

	private static final System.Logger logger = System.getLogger(RacingSelector.class.getName());

	private final @Nullable ResolvedAddressSelector<? super HttpClientConfig> own;

	private final DialSettings settings;

	/**
	 * Asked whether addresses race. They do on the event loop of each dial.
	 */
	private final AsyncDialer dialer;

	private RacingSelector(@Nullable ResolvedAddressSelector<? super HttpClientConfig> own, DialSettings settings) {
		this.own = own;
		this.settings = settings;
		this.dialer = new AsyncDialer(settings, Runnable::run);
	}

	/**
	 * Return a client whose addresses race. There is no way to see the selector that a
	 * client has, only to set another one; without it, what it denies would be connected
	 * to.
	 * @param client the client with all settings made
	 * @param settings how the addresses race
	 * @return the client, or the given one if it cannot be done
	 */
	static HttpClient addTo(HttpClient client, DialSettings settings) {
		try {
			Field field = ClientTransportConfig.class.getDeclaredField("resolvedAddressesSelector");
			field.setAccessible(true);
			@SuppressWarnings("unchecked")
			ResolvedAddressSelector<? super HttpClientConfig> own = (ResolvedAddressSelector<? super HttpClientConfig>) field
				.get(client.configuration());
			if (own instanceof RacingSelector) {
				return client;
			}
			return HandedOverSockets.addTo(client).resolvedAddressesSelector(new RacingSelector(own, settings));
		}
		catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
			logger.log(Level.WARNING, "Addresses do not race on Reactor Netty: its address selector cannot be read",
					ex);
			return client;
		}
	}

	/**
	 * Called when the host has been looked up.
	 */
	@Override
	public @Nullable List<? extends SocketAddress> apply(HttpClientConfig config,
			List<? extends SocketAddress> resolved) {
		List<? extends SocketAddress> selected = (this.own != null) ? this.own.apply(config, resolved) : resolved;
		if (selected == null || selected.size() < 2) {
			return selected;
		}
		for (SocketAddress address : selected) {
			if (!(address instanceof InetSocketAddress inet) || inet.isUnresolved()) {
				return selected;
			}
		}
		@SuppressWarnings("unchecked") // looked at one by one
		List<InetSocketAddress> addresses = (List<InetSocketAddress>) List.copyOf(selected);
		List<InetSocketAddress> plain = addresses.stream()
			.map((address) -> (InetSocketAddress) RacedAddress.plain(address))
			.toList();
		return this.dialer.races(plain) ? new RacedAddresses(addresses, new ReactorRace(plain, this.settings))
				: selected;
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof RacingSelector selector && Objects.equals(selector.own, this.own)
				&& selector.settings.strategy() == this.settings.strategy()
				&& Objects.equals(selector.settings.fallbackDelay(), this.settings.fallbackDelay());
	}

	/**
	 * Clients without a race have pools of their own.
	 */
	@Override
	public int hashCode() {
		return Objects.hash(this.own, this.settings.strategy().name(), this.settings.fallbackDelay());
	}

}
