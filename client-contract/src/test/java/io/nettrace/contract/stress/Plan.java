package io.nettrace.contract.stress;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * What a request is to do. The server, which knows the request by its number, decides on
 * its own what to answer.
 *
 * @param id the request's number
 * @param pool which client sends it
 * @param secure whether it is over TLS
 * @param host the host, one whose ports refuse among them
 * @param method the method
 * @param body the size of its body in bytes, 0 for none
 * @param expectsContinue whether the body waits for {@code 100 Continue}
 * @param reading what the caller reads of the response's body
 * @param cancelledAt when the caller gives the request up, or {@code null}
 * @param cancelledInPlace whether the thread that gets there cancels, or another one
 * @param interrupted whether the caller's thread is interrupted instead, if it blocks
 * @param throwsAt which hook throws, or {@code null}
 * @param responseTimeout how long the response may take
 * @param onVirtualThread whether a virtual thread sends, if the JVM has them
 * @param inReactorContext whether the request's observation is in Reactor's context and
 * not bound to the thread
 */
record Plan(int id, Pool pool, boolean secure, String host, String method, int body, boolean expectsContinue,
		Reading reading, @Nullable Moment cancelledAt, boolean cancelledInPlace, boolean interrupted,
		@Nullable Moment throwsAt, Duration responseTimeout, boolean onVirtualThread, boolean inReactorContext) {

	private static final Moment[] MOMENTS = Moment.values();

	private static final Moment[] HOOKS = Stream.of(MOMENTS).filter(Moment::isHook).toArray(Moment[]::new);

	/**
	 * What the caller does with the body.
	 */
	enum Reading {

		ALL, PART, NOTHING

	}

	static Plan random(long seed, int id) {
		SplittableRandom random = new SplittableRandom(seed * 1_000_003 + id);
		boolean withBody = percent(random, 30);
		boolean expectsContinue = withBody && percent(random, 15);
		return new Plan(id, pool(random), percent(random, 20), host(random, id), method(random, withBody),
				withBody ? body(random) : 0, expectsContinue, reading(random),
				percent(random, 12) ? MOMENTS[random.nextInt(MOMENTS.length)] : null, percent(random, 50),
				percent(random, 50), percent(random, 5) ? HOOKS[random.nextInt(HOOKS.length)] : null,
				Duration.ofMillis(percent(random, 8) ? 40 : 3000), percent(random, 50), percent(random, 50));
	}

	private static boolean percent(SplittableRandom random, int percent) {
		return random.nextInt(100) < percent;
	}

	private static Pool pool(SplittableRandom random) {
		int of100 = random.nextInt(100);
		return (of100 < 50) ? Pool.SMALL : (of100 < 80) ? Pool.LARGE : Pool.PROXIED;
	}

	private static String host(SplittableRandom random, int id) {
		int of1000 = random.nextInt(1000);
		if (of1000 < 20) {
			return Names.named("only-" + id);
		}
		if (of1000 < 80) {
			return Names.named("dead-first");
		}
		if (of1000 < 85) {
			return Names.named("hole-first");
		}
		if (of1000 < 125) {
			return Names.named("slow");
		}
		if (of1000 < 155) {
			return Names.named("unknown");
		}
		if (of1000 < 165) {
			return Names.named("hangs");
		}
		if (of1000 < 215) {
			return Names.LIVE;
		}
		if (of1000 < 235) {
			return Names.DEAD;
		}
		return Names.common()[of1000 % 4];
	}

	private static String method(SplittableRandom random, boolean withBody) {
		if (withBody) {
			return percent(random, 60) ? "POST" : "PUT";
		}
		int of100 = random.nextInt(100);
		return (of100 < 8) ? "HEAD" : (of100 < 14) ? "DELETE" : "GET";
	}

	private static int body(SplittableRandom random) {
		return percent(random, 80) ? 1 + random.nextInt(2000) : 200_000;
	}

	private static Reading reading(SplittableRandom random) {
		int of100 = random.nextInt(100);
		return (of100 < 85) ? Reading.ALL : (of100 < 93) ? Reading.PART : Reading.NOTHING;
	}

}
