package io.nettrace.autoconfigure;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import io.nettrace.observation.span.AddressMask;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.Sanitizer;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;

/**
 * Returns the last lookup and connects of each host. Addresses are values: they are shown
 * or hidden by the rules of Boot's endpoints {@code env} and {@code configprops}.
 */
@Endpoint(id = "nettrace")
class NetTraceEndpoint {

	private static final Comparator<HostActivity.Connect> NEWEST_FIRST = Comparator
		.comparing(HostActivity.Connect::start)
		.reversed();

	private final RecentActivity recentActivity;

	private final int maxEntries;

	private final Sanitizer sanitizer;

	private final Show showValues;

	NetTraceEndpoint(RecentActivity recentActivity, int maxEntries, Iterable<SanitizingFunction> sanitizingFunctions,
			Show showValues) {
		this.recentActivity = recentActivity;
		this.maxEntries = maxEntries;
		this.sanitizer = new Sanitizer(sanitizingFunctions);
		this.showValues = showValues;
	}

	@ReadOperation
	Hosts hosts() {
		return hosts(this.showValues.isShown(true));
	}

	@ReadOperation
	@Nullable HostActivity host(@Selector String host) {
		return host(host, this.showValues.isShown(true));
	}

	/**
	 * Return all hosts.
	 * @param shown whether addresses are shown
	 */
	Hosts hosts(boolean shown) {
		Map<String, HostActivity> hosts = new TreeMap<>();
		this.recentActivity.activities()
			.forEach((name, activity) -> hosts.merge(shownName(name, shown),
					activity.sanitize((key, value) -> shownValue(key, value, shown)), this::join));
		return new Hosts(hosts);
	}

	/**
	 * Return one host.
	 * @param host the name as in {@link #hosts(boolean)}
	 * @param shown whether addresses are shown
	 * @return its activity, {@code null} if there is none
	 */
	@Nullable HostActivity host(String host, boolean shown) {
		return hosts(shown).hosts().get(host);
	}

	private static String shownName(String host, boolean shown) {
		return shown ? host : AddressMask.maskHost(host);
	}

	private String shownValue(String key, String value, boolean shown) {
		return String.valueOf(this.sanitizer.sanitize(new SanitizableData(null, key, value), shown));
	}

	/**
	 * Hosts that are addresses have no lookups.
	 */
	private HostActivity join(HostActivity left, HostActivity right) {
		List<HostActivity.Connect> connects = new ArrayList<>();
		Stream.of(left, right).map(HostActivity::connects).forEach(connects::addAll);
		return new HostActivity(null, connects.stream().sorted(NEWEST_FIRST).limit(this.maxEntries).toList());
	}

	/**
	 * The response.
	 *
	 * @param hosts the activity by host
	 */
	record Hosts(Map<String, HostActivity> hosts) implements OperationResponseBody {
	}

}
