package io.nettrace.benchmarks;

import java.net.InetAddress;
import java.nio.file.Path;
import java.security.Security;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;

import io.nettrace.benchmarks.Coalescing.Result;
import io.nettrace.concurrent.Threads;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;

/**
 * Many callers look up one name with the JDK's own resolver and no caching, which is how
 * applications with changing addresses configure it. Prints a line for each burst.
 */
public final class JdkLookups {

	private static final int WARM_UP = 3;

	private JdkLookups() {
	}

	/**
	 * Look up.
	 * @param args how many callers, whether on virtual threads, how many rounds, how many
	 * milliseconds a lookup takes
	 * @throws Exception if a lookup fails
	 */
	public static void main(String[] args) throws Exception {
		Security.setProperty("networkaddress.cache.ttl", "0");
		int callers = Integer.parseInt(args[0]);
		int rounds = Integer.parseInt(args[2]);
		Executor threads = Boolean.parseBoolean(args[1]) ? Threads.perTask("caller-") : Coalescing::platformThread;
		SlowHostsFile names = SlowHostsFile.create(Path.of(System.getProperty("jdk.net.hosts.file")),
				Duration.ofMillis(Long.parseLong(args[3])), Fixed.HOST, callers * 2 + 20 * (WARM_UP + rounds));
		DnsResolver netTrace = Coalescing.netTrace(SystemDefaultDnsResolver.INSTANCE);
		SmallestSingleFlight reference = new SmallestSingleFlight(SystemDefaultDnsResolver.INSTANCE);
		Map<String, Burst.Call> calls = new LinkedHashMap<>();
		calls.put(Coalescing.NETTRACE, () -> netTrace.resolve(Fixed.HOST, Fixed.PORT));
		calls.put(Coalescing.REFERENCE, () -> reference.resolve(Fixed.HOST, Fixed.PORT));
		for (int round = 0; round < WARM_UP + rounds; round++) {
			for (Map.Entry<String, Burst.Call> call : calls.entrySet()) {
				Result result = measure(names, threads, callers, call.getValue());
				if (round >= WARM_UP) {
					System.out.println(call.getKey() + ";" + result.text());
				}
			}
		}
		// Takes long, so once
		Result alone = measure(names, threads, callers, () -> InetAddress.getAllByName(Fixed.HOST));
		System.out.println(Coalescing.JDK + ";" + alone.text());
	}

	private static Result measure(SlowHostsFile names, Executor threads, int callers, Burst.Call call)
			throws Exception {
		int before = names.reads();
		Burst burst = Burst.of(threads, callers, (number) -> call);
		return new Result(names.reads() - before, burst.millis(), (burst.end() - names.answered()) / 1e6);
	}

}
