package io.nettrace.page;

import io.nettrace.autoconfigure.NetTraceObservationAutoConfiguration;
import io.nettrace.observation.RequestRecorder;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportRuntimeHints;

/**
 * Auto-configuration of the page. It is there with devtools, or if
 * {@code nettrace.page.enabled} is {@code true}.
 */
@AutoConfiguration(after = NetTraceObservationAutoConfiguration.class)
@ConditionalOnBean(RequestRecorder.class)
@Conditional(OnPageCondition.class)
@Import({ ServletPageConfiguration.class, ReactivePageConfiguration.class })
@ImportRuntimeHints(PageRuntimeHints.class)
public final class NetTracePageAutoConfiguration {

}
