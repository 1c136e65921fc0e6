package io.nettrace.observation.jfr;

import java.util.Map;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.nettrace.observation.ConnectionWaitContext;
import io.nettrace.observation.DnsLookupContext;
import io.nettrace.observation.ErrorType;
import io.nettrace.observation.HostName;
import io.nettrace.observation.ProxyConnectContext;
import io.nettrace.observation.SocketConnectContext;
import io.nettrace.observation.StepContext;
import io.nettrace.observation.TlsHandshakeContext;
import org.jspecify.annotations.Nullable;

/**
 * Makes an event of Java Flight Recorder of each step, as long as a recording asks for
 * it: {@code nettrace.Wait}, {@code nettrace.DnsLookup}, {@code nettrace.Connect},
 * {@code nettrace.ProxyConnect} and {@code nettrace.TlsHandshake}. It is asked when a
 * step begins, so that a recording may begin at any time.
 */
public final class FlightRecorderStepHandler implements ObservationHandler<Observation.Context> {

	private static final Map<Class<?>, Kind> KINDS = Map.of(ConnectionWaitContext.class, Kind.of(WaitEvent::new),
			DnsLookupContext.class, Kind.of(DnsLookupEvent::new), SocketConnectContext.class,
			Kind.of(ConnectEvent::new), ProxyConnectContext.class, Kind.of(ProxyConnectEvent::new),
			TlsHandshakeContext.class, Kind.of(TlsHandshakeEvent::new));

	private final boolean hideAddresses;

	/**
	 * Create a handler.
	 * @param hideAddresses whether no IP address is shown
	 */
	public FlightRecorderStepHandler(boolean hideAddresses) {
		this.hideAddresses = hideAddresses;
	}

	private record Kind(StepEvent probe, Supplier<StepEvent> event) {

		static Kind of(Supplier<StepEvent> event) {
			return new Kind(event.get(), event);
		}

	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		if (!(context instanceof StepContext)) {
			return false;
		}
		Kind kind = KINDS.get(context.getClass());
		return kind != null && kind.probe().isEnabled();
	}

	@Override
	public void onStart(Observation.Context context) {
		Kind kind = KINDS.get(context.getClass());
		if (kind != null) {
			StepEvent event = kind.event().get();
			context.put(StepEvent.class, event);
			event.begin();
		}
	}

	@Override
	public void onEvent(Observation.Event event, Observation.Context context) {
		if (event == StepContext.STARTED && !context.containsKey(StepEvent.class)) {
			onStart(context);
		}
		else if (event == StepContext.STOPPED) {
			onStop(context);
		}
	}

	@Override
	public void onStop(Observation.Context context) {
		if (context.remove(StepEvent.class) instanceof StepEvent event) {
			event.end();
			if (event.shouldCommit()) {
				write((StepContext) context, event);
				event.commit();
			}
		}
	}

	private void write(StepContext step, StepEvent event) {
		event.client = step.getClient();
		event.host = shown(step.getHost());
		event.errorType = errorType(step.getError());
		event.write(step, this.hideAddresses);
	}

	private String shown(String host) {
		return (this.hideAddresses && HostName.isAddress(host)) ? "_IP" : host;
	}

	private static @Nullable String errorType(@Nullable Throwable error) {
		return (error != null) ? ErrorType.of(error) : null;
	}

}
