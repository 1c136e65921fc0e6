package io.nettrace.client.reactor;

import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.util.function.BiFunction;

import io.netty.resolver.dns.BiDnsQueryLifecycleObserverFactory;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsQueryLifecycleObserverFactory;
import io.netty.resolver.dns.DnsServerAddressStream;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.NoopDnsQueryLifecycleObserverFactory;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the resolvers that a group makes. Netty's group keeps its builder to
 * itself, and the builder has no getters.
 */
final class DnsResolverSettings {

	private static final System.Logger logger = System.getLogger(DnsResolverSettings.class.getName());

	/**
	 * {@code null} if this version of the library has others.
	 */
	private static final @Nullable Access ACCESS = access();

	private final Access access;

	private final DnsNameResolverBuilder builder;

	private DnsResolverSettings(Access access, DnsNameResolverBuilder builder) {
		this.access = access;
		this.builder = builder;
	}

	private record Access(Field builder, Field observers, Field nameServers) {
	}

	private static @Nullable Access access() {
		try {
			return new Access(field(DnsAddressResolverGroup.class, "dnsResolverBuilder"),
					field(DnsNameResolverBuilder.class, "dnsQueryLifecycleObserverFactory"),
					field(DnsNameResolverBuilder.class, "dnsServerAddressStreamProvider"));
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			logger.log(Level.WARNING,
					"The settings of Netty's DNS resolvers cannot be reached: nettrace does not tell of their queries",
					ex);
			return null;
		}
	}

	private static Field field(Class<?> type, String name) throws NoSuchFieldException {
		Field field = type.getDeclaredField(name);
		field.setAccessible(true);
		return field;
	}

	/**
	 * Return the settings of the resolvers that a group is going to make.
	 * @return {@code null} if they cannot be reached
	 */
	static @Nullable DnsResolverSettings of(DnsAddressResolverGroup group) {
		Object builder = (ACCESS != null) ? get(ACCESS.builder, group) : null;
		return (builder != null) ? of((DnsNameResolverBuilder) builder) : null;
	}

	/**
	 * Return the settings of the resolvers that an application is going to make.
	 * @return {@code null} if they cannot be reached
	 */
	static @Nullable DnsResolverSettings of(DnsNameResolverBuilder builder) {
		return (ACCESS != null) ? new DnsResolverSettings(ACCESS, builder) : null;
	}

	/**
	 * Have an observer made of each query, beside one that is there, and be called
	 * whenever the name servers of a name are asked for.
	 * @param observers makes the observers
	 * @param nameServers is to ask the present provider
	 */
	void watch(DnsQueryLifecycleObserverFactory observers,
			BiFunction<DnsServerAddressStreamProvider, String, DnsServerAddressStream> nameServers) {
		Object present = get(this.access.observers, this.builder);
		boolean none = present == null || present == NoopDnsQueryLifecycleObserverFactory.INSTANCE;
		this.builder.dnsQueryLifecycleObserverFactory(none ? observers
				: new BiDnsQueryLifecycleObserverFactory((DnsQueryLifecycleObserverFactory) present, observers));
		Object provider = get(this.access.nameServers, this.builder);
		if (provider instanceof DnsServerAddressStreamProvider asked) {
			this.builder.nameServerProvider((name) -> nameServers.apply(asked, name));
		}
	}

	private static @Nullable Object get(Field field, Object target) {
		try {
			return field.get(target);
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex); // it has been made accessible
		}
	}

}
