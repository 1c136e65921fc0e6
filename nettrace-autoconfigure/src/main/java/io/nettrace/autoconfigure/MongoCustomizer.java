package io.nettrace.autoconfigure;

import java.util.ServiceLoader;

import com.mongodb.MongoClientSettings;
import com.mongodb.spi.dns.InetAddressResolver;
import com.mongodb.spi.dns.InetAddressResolverProvider;
import io.nettrace.client.mongodb.NetTraceMongo;
import org.springframework.boot.mongodb.autoconfigure.MongoClientSettingsBuilderCustomizer;

/**
 * Traces the resolver that the application has set, or else the one that the driver would
 * take. A builder does not tell, but what it builds does.
 */
final class MongoCustomizer implements MongoClientSettingsBuilderCustomizer {

	private final NetTraceMongo netTrace;

	MongoCustomizer(NetTraceMongo netTrace) {
		this.netTrace = netTrace;
	}

	@Override
	public void customize(MongoClientSettings.Builder builder) {
		InetAddressResolver own = builder.build().getInetAddressResolver();
		if (own != null) {
			builder.inetAddressResolver(this.netTrace.resolver(own));
		}
		else if (!hasProvider()) {
			builder.inetAddressResolver(this.netTrace.resolver());
		}
	}

	/**
	 * Whether the driver finds a resolver by itself. It has one instance for the JVM,
	 * which it does not give away.
	 */
	static boolean hasProvider() {
		return ServiceLoader.load(InetAddressResolverProvider.class).stream().findAny().isPresent();
	}

}
