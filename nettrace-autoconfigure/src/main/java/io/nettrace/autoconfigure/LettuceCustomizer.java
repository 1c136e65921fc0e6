package io.nettrace.autoconfigure;

import java.lang.reflect.Field;

import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.nettrace.client.lettuce.NetTraceLettuce;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.util.ReflectionUtils;

/**
 * Adds the tracing customizer to the one that the application has set. A builder does not
 * tell of it, so it is read by reflection; if that fails, the application's stays alone.
 */
final class LettuceCustomizer implements ClientResourcesBuilderCustomizer {

	/**
	 * The field that is read.
	 */
	static final String FIELD = "nettyCustomizer";

	private final NetTraceLettuce netTrace;

	LettuceCustomizer(NetTraceLettuce netTrace) {
		this.netTrace = netTrace;
	}

	@Override
	public void customize(ClientResources.Builder builder) {
		Field field = ReflectionUtils.findField(builder.getClass(), FIELD, NettyCustomizer.class);
		if (field == null || !field.trySetAccessible()) {
			return;
		}
		Object own = ReflectionUtils.getField(field, builder);
		builder.nettyCustomizer(this.netTrace.customizer((NettyCustomizer) own));
	}

}
