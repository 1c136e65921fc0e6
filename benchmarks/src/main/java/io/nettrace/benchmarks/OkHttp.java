package io.nettrace.benchmarks;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.List;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * OkHttp's steps with a listener, called as its route selector and its connect plan do:
 * the factory makes a listener for each call.
 */
@State(Scope.Thread)
public class OkHttp {

	final List<InetAddress> answer = List.of(InetAddress.getLoopbackAddress());

	private final InetSocketAddress address = new InetSocketAddress(this.answer.get(0), Fixed.PORT);

	private final Call call = new OkHttpClient().newCall(new Request.Builder().url("http://" + Fixed.HOST).build());

	private final MeterRegistry registry = new SimpleMeterRegistry();

	private final HeldTimers lookups = new HeldTimers("lookup", this.registry);

	private final HeldTimers connects = new HeldTimers("connect", this.registry);

	/**
	 * A listener that asks the registry for the timer each time.
	 */
	final EventListener.Factory registering = (call) -> new TimingEventListener(this.lookups, this.connects, false);

	/**
	 * A listener that keeps its timers.
	 */
	final EventListener.Factory holding = (call) -> new TimingEventListener(this.lookups, this.connects, true);

	List<InetAddress> lookUp(EventListener.Factory factory) {
		EventListener listener = factory.create(this.call);
		listener.dnsStart(this.call, Fixed.HOST);
		List<InetAddress> addresses = this.answer;
		listener.dnsEnd(this.call, Fixed.HOST, addresses);
		return addresses;
	}

	EventListener connect(EventListener.Factory factory) {
		EventListener listener = factory.create(this.call);
		listener.connectStart(this.call, this.address, Proxy.NO_PROXY);
		listener.connectEnd(this.call, this.address, Proxy.NO_PROXY, null);
		return listener;
	}

}
