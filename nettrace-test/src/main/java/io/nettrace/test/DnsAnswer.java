package io.nettrace.test;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Rcode;

/**
 * What a {@link DnsServer} does when it is asked for a name. Immutable.
 */
public final class DnsAnswer {

	private static final CompletionStage<?> AT_ONCE = CompletableFuture.completedStage(null);

	private final @Nullable Integer rcode;

	private final List<InetAddress> addresses;

	private final Duration delay;

	private final CompletionStage<?> release;

	private final @Nullable String alias;

	private final boolean truncated;

	private DnsAnswer(@Nullable Integer rcode, List<InetAddress> addresses, Duration delay, CompletionStage<?> release,
			@Nullable String alias, boolean truncated) {
		this.rcode = rcode;
		this.addresses = addresses;
		this.delay = delay;
		this.release = release;
		this.alias = alias;
		this.truncated = truncated;
	}

	/**
	 * Answer with addresses.
	 * @param literals IPv4 and IPv6 addresses in text form, in the order of the answer;
	 * none for a name that exists without addresses
	 * @return the answer
	 */
	public static DnsAnswer addresses(String... literals) {
		return answer(Rcode.NOERROR, Stream.of(literals).map(IpAddress::of).toList());
	}

	/**
	 * Answer that the name does not exist (NXDOMAIN), as for every name the server does
	 * not know.
	 * @return the answer
	 */
	public static DnsAnswer unknown() {
		return answer(Rcode.NXDOMAIN, List.of());
	}

	/**
	 * Answer that the name is an alias (CNAME), without the addresses of the other name.
	 * @param name the name that it stands for
	 * @return the answer
	 */
	public static DnsAnswer alias(String name) {
		return new DnsAnswer(Rcode.NOERROR, List.of(), Duration.ZERO, AT_ONCE, name, false);
	}

	/**
	 * Answer that the server could not find out (SERVFAIL).
	 * @return the answer
	 */
	public static DnsAnswer failure() {
		return answer(Rcode.SERVFAIL, List.of());
	}

	/**
	 * Never answer.
	 * @return no answer
	 */
	public static DnsAnswer silence() {
		return answer(null, List.of());
	}

	private static DnsAnswer answer(@Nullable Integer rcode, List<InetAddress> addresses) {
		return new DnsAnswer(rcode, addresses, Duration.ZERO, AT_ONCE, null, false);
	}

	/**
	 * Return this answer, given later.
	 * @param delay the time from query to answer
	 * @return the delayed answer
	 */
	public DnsAnswer after(Duration delay) {
		return new DnsAnswer(this.rcode, this.addresses, delay, this.release, this.alias, this.truncated);
	}

	/**
	 * Return this answer, held back until something has happened. A test that must have
	 * several lookups in flight needs no time this way.
	 * @param release completes when the answer may go out
	 * @return the answer that is held back
	 */
	public DnsAnswer after(CompletionStage<?> release) {
		return new DnsAnswer(this.rcode, this.addresses, this.delay, release, this.alias, this.truncated);
	}

	/**
	 * Return this answer, which is too long for UDP: what comes over UDP is empty and
	 * marked as truncated, and the whole comes over TCP.
	 * @return the truncated answer
	 */
	public DnsAnswer truncated() {
		return new DnsAnswer(this.rcode, this.addresses, this.delay, this.release, this.alias, true);
	}

	/**
	 * Return the response code.
	 * @return the code, {@code null} for silence
	 */
	@Nullable Integer rcode() {
		return this.rcode;
	}

	List<InetAddress> records() {
		return this.addresses;
	}

	@Nullable String alias() {
		return this.alias;
	}

	boolean isTruncated() {
		return this.truncated;
	}

	Duration delay() {
		return this.delay;
	}

	CompletionStage<?> release() {
		return this.release;
	}

}
