package io.nettrace.benchmarks;

import java.net.InetAddress;
import java.nio.file.Path;
import java.security.Security;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;

import io.nettrace.concurrent.Threads;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;

/**
 * Many callers of one name under the JDK's own resolver when it keeps no answer, as
 * applications set it whose names move. It prints {@link Result results}.
 */
public final class JdkLookups {

	static final String JDK = "JDK alone";

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
				Result result = measure(call.getKey(), names, threads, callers, call.getValue());
				if (round >= WARM_UP) {
					System.out.println(result.text());
				}
			}
		}
		// Takes long, so once
		System.out.println(measure(JDK, names, threads, callers, () -> InetAddress.getAllByName(Fixed.HOST)).text());
	}

	private static Result measure(String path, SlowHostsFile names, Executor threads, int callers, Burst.Call call)
			throws Exception {
		int before = names.reads();
		Burst burst = Burst.of(threads, callers, (number) -> call);
		return new Result(path, names.reads() - before, burst.millis());
	}

	/**
	 * What one burst has shown.
	 *
	 * @param path who was asked
	 * @param lookups how often the JDK has looked up
	 * @param millis until the last caller had its answer
	 */
	record Result(String path, int lookups, double millis) {

		static Result parse(String text) {
			String[] parts = text.split(";", 3);
			return new Result(parts[0], Integer.parseInt(parts[1]), Double.parseDouble(parts[2]));
		}

		String text() {
			return this.path + ";" + this.lookups + ";" + this.millis;
		}

	}

}
