package io.nettrace.client.reactor;

import java.net.IDN;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsQueryLifecycleObserver;
import io.netty.resolver.dns.DnsQueryLifecycleObserverFactory;
import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.NoopDnsQueryLifecycleObserverFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocal;
import org.jspecify.annotations.Nullable;

/**
 * The lookups under way on one of Netty's DNS resolvers, and which of them each query
 * belongs to. Netty does not say: it makes an observer of a query of its question alone.
 * But it asks for the name servers of a lookup right before its first query, and what
 * comes next for a lookup, another search domain or another server, it asks right after
 * the end of a query, on the same event loop. Names decide where that is put off. The
 * resolver of the JVM's default keeps this for good, so it holds nothing but the lookups
 * under way.
 */
final class NettyLookups implements DnsQueryLifecycleObserverFactory {

	/**
	 * By the group of a client, which keeps its own for as long as it lives.
	 */
	private static final Map<AddressResolverGroup<?>, NettyLookups> INSTALLED = Collections
		.synchronizedMap(new WeakHashMap<>());

	private static volatile boolean wanted;

	/**
	 * Whether there are groups of other classes than Netty's.
	 */
	private static volatile boolean others;

	/**
	 * The lookup of the last event on this event loop.
	 */
	private static final FastThreadLocal<@Nullable NettyLookup> CURRENT = new FastThreadLocal<>();

	// By the name in ASCII. Netty has one lookup for a name at a time: others join it
	private final Map<String, NettyLookup> underWay = new ConcurrentHashMap<>();

	private final AtomicLong moments = new AtomicLong();

	/**
	 * The event loops whose resolver is known to tell of its queries. One that was made
	 * before this was installed does not.
	 */
	private final Set<EventExecutor> telling = Collections
		.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	/**
	 * From now on, resolvers are made to tell of their queries before they are used.
	 */
	static void want() {
		wanted = true;
	}

	/**
	 * Return the lookups of a group. Resolvers that it has made before tell nothing.
	 * @param group the resolvers of a client
	 * @return {@code null} if they do not tell
	 */
	static @Nullable NettyLookups of(AddressResolverGroup<?> group) {
		if (!wanted) {
			return null;
		}
		if (group instanceof DnsAddressResolverGroup dns) {
			NettyLookups present = INSTALLED.get(dns);
			return (present != null) ? present : install(dns, DnsResolverSettings.of(dns));
		}
		return others ? INSTALLED.get(group) : null;
	}

	/**
	 * Have the resolvers that a group is going to make tell of their queries.
	 * @param group the resolvers of clients
	 * @param builder what it makes them with
	 */
	static void install(AddressResolverGroup<?> group, DnsNameResolverBuilder builder) {
		if (wanted && install(group, DnsResolverSettings.of(builder)) != null) {
			others = true;
		}
	}

	private static @Nullable NettyLookups install(AddressResolverGroup<?> group,
			@Nullable DnsResolverSettings settings) {
		if (settings == null) {
			return null;
		}
		synchronized (INSTALLED) {
			return INSTALLED.computeIfAbsent(group, (key) -> {
				NettyLookups lookups = new NettyLookups();
				settings.watch(lookups, lookups::nameServers);
				return lookups;
			});
		}
	}

	/**
	 * Begin a lookup.
	 * @param host the name as the resolver is asked for it
	 * @param eventLoop whose resolver is asked
	 * @return {@code null} if another lookup of the name has the queries
	 */
	@Nullable NettyLookup begin(String host, EventExecutor eventLoop) {
		String name = ascii(host);
		if (name == null) {
			return null;
		}
		NettyLookup lookup = new NettyLookup(this, name, eventLoop);
		return (this.underWay.putIfAbsent(name, lookup) == null) ? lookup : null;
	}

	/**
	 * As Netty does.
	 */
	private static @Nullable String ascii(String host) {
		if (isAscii(host)) {
			return host;
		}
		try {
			String ascii = IDN.toASCII(host);
			return (host.endsWith(".") && !ascii.endsWith(".")) ? ascii + "." : ascii;
		}
		catch (IllegalArgumentException ex) {
			return null; // Netty fails
		}
	}

	private static boolean isAscii(String host) {
		for (int i = 0; i < host.length(); i++) {
			if (host.charAt(i) >= 0x80) {
				return false;
			}
		}
		return true;
	}

	/**
	 * A lookup is over, or is given up. In the latter case Netty goes on.
	 */
	void remove(NettyLookup lookup) {
		this.underWay.remove(lookup.name(), lookup);
		if (CURRENT.getIfExists() == lookup) {
			CURRENT.set(null);
		}
	}

	/**
	 * Whether a lookup of this event loop without queries has had none.
	 */
	boolean tellsOn(EventExecutor eventLoop) {
		return this.telling.contains(eventLoop);
	}

	/**
	 * Number the moments in which lookups begin to wait for their next query.
	 */
	long nextMoment() {
		return this.moments.incrementAndGet();
	}

	/**
	 * Something has happened to a lookup on the current event loop.
	 */
	static void at(NettyLookup lookup) {
		CURRENT.set(lookup);
	}

	private DnsServerAddressStream nameServers(DnsServerAddressStreamProvider provider, String name) {
		NettyLookup lookup = this.underWay.get(name);
		if (lookup != null && lookup.starts()) {
			this.telling.add(lookup.eventLoop());
			at(lookup);
		}
		return provider.nameServerAddressStream(name);
	}

	@Override
	public DnsQueryLifecycleObserver newDnsQueryLifecycleObserver(DnsQuestion question) {
		NettyLookup lookup = ownerOf(question);
		if (lookup == null) {
			return NoopDnsQueryLifecycleObserverFactory.INSTANCE.newDnsQueryLifecycleObserver(question);
		}
		return lookup.query(question, null);
	}

	/**
	 * Most often the lookup of the last event. Netty may put off what follows the end of
	 * a query, when many end at once: then it is the lookup whose name the question has,
	 * or for an alias that Netty has in its cache, the one that waits longest.
	 */
	private @Nullable NettyLookup ownerOf(DnsQuestion question) {
		NettyLookup current = CURRENT.getIfExists();
		if (current != null && current.resolver() == this && current.isOf(question) && current.mayAsk(question)) {
			return current;
		}
		boolean named = false;
		NettyLookup waitsLongest = null;
		for (NettyLookup each : this.underWay.values()) {
			if (each.isOf(question)) {
				named = true;
				if (each.mayAsk(question)) {
					return each;
				}
			}
			else if (each.isWaiting() && (waitsLongest == null || each.waitsSince() - waitsLongest.waitsSince() < 0)) {
				waitsLongest = each;
			}
		}
		return named ? null : waitsLongest; // Netty makes some observers in vain
	}

}
