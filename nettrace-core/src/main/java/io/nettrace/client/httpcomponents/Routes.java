package io.nettrace.client.httpcomponents;

import io.nettrace.ConnectionTarget;
import io.nettrace.PoolInfo;
import io.nettrace.WaitInfo;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.pool.ConnPoolControl;
import org.apache.hc.core5.pool.PoolStats;

/**
 * What a route means for the pool that has its connections.
 */
final class Routes {

	private Routes() {
	}

	/**
	 * Return what a connection of a route is asked for: to its proxy, or to its target.
	 */
	static ConnectionTarget target(HttpRoute route, NetTracing tracing) {
		HttpHost firstHop = (route.getProxyHost() != null) ? route.getProxyHost() : route.getTargetHost();
		return tracing.target(firstHop.getHostName(), firstHop.getPort(), route.isSecure());
	}

	/**
	 * Return the pool, whose connections one host or one forwarding proxy shares, with
	 * the smaller of its two limits. A pool with lax limits has none in all.
	 */
	static PoolInfo pool(String client, HttpRoute route, ConnPoolControl<HttpRoute> limits) {
		int ofHost = limits.getMaxPerRoute(route);
		int total = limits.getMaxTotal();
		return pool(client, route, (total > 0) ? Math.min(ofHost, total) : ofHost);
	}

	static PoolInfo pool(String client, HttpRoute route, int maxConnections) {
		HttpHost proxy = route.getProxyHost();
		HttpHost host = (proxy != null && !route.isTunnelled()) ? proxy : route.getTargetHost();
		return new PoolInfo(client, host.getHostName(), host.getPort(), maxConnections);
	}

	/**
	 * Return what an exchange waits for. A strict pool closes idle connections to another
	 * host to make place, other pools do not.
	 */
	static WaitInfo.Reason reasonToWait(HttpRoute route, ConnPoolControl<HttpRoute> limits) {
		PoolStats ofHost = limits.getStats(route);
		if (ofHost.getLeased() >= ofHost.getMax()) {
			return WaitInfo.Reason.HOST_LIMIT;
		}
		PoolStats total = limits.getTotalStats();
		return (total.getLeased() + total.getAvailable() >= total.getMax()) ? WaitInfo.Reason.POOL_LIMIT
				: WaitInfo.Reason.UNKNOWN;
	}

}
