package io.nettrace.page;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.devtools.system.DevToolsEnablementDeducer;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.ClassUtils;

/**
 * Matches if the page is asked for, or, unless it is declined, if devtools are at work.
 */
class OnPageCondition extends SpringBootCondition {

	private static final String ENABLED = "nettrace.page.enabled";

	private static final String DEVTOOLS = "org.springframework.boot.devtools.system.DevToolsEnablementDeducer";

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition("nettrace page");
		Boolean enabled = Binder.get(context.getEnvironment()).bind(ENABLED, Boolean.class).orElse(null);
		if (enabled != null) {
			return new ConditionOutcome(enabled, message.because(ENABLED + " is " + enabled));
		}
		return hasDevTools(context.getClassLoader()) ? ConditionOutcome.match(message.because("devtools are enabled"))
				: ConditionOutcome.noMatch(message.because("devtools are not enabled and " + ENABLED + " is not set"));
	}

	private static boolean hasDevTools(@Nullable ClassLoader classLoader) {
		return ClassUtils.isPresent(DEVTOOLS, classLoader) && DevTools.areEnabled();
	}

	/**
	 * Loaded only if there are devtools.
	 */
	private static final class DevTools {

		/**
		 * As devtools themselves decide whether to restart an application: not in tests,
		 * not in a native image, and not in a packaged application, whose classes a
		 * launcher or a servlet container loads.
		 */
		static boolean areEnabled() {
			return DevToolsEnablementDeducer.class.getClassLoader() == ClassLoader.getSystemClassLoader()
					&& DevToolsEnablementDeducer.shouldEnable(Thread.currentThread());
		}

	}

}
