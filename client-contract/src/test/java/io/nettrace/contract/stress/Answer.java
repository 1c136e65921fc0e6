package io.nettrace.contract.stress;

import java.util.SplittableRandom;

/**
 * What the server does with a request that has come.
 *
 * @param kind what it answers
 * @param fault what goes wrong
 * @param interim how many interim responses come first
 * @param slow whether it takes its time for the head and for the body
 * @param framing how the end of the body is told
 * @param length how long the body is, in bytes
 * @param early whether it answers before it has read the body of the request
 * @param after what becomes of the connection
 */
record Answer(Kind kind, Fault fault, int interim, boolean slow, Framing framing, int length, boolean early,
		After after) {

	enum Kind {

		OK, NO_CONTENT, REDIRECT_SAME_HOST, REDIRECT_OTHER_HOST, UNAVAILABLE, TOO_MANY

	}

	enum Fault {

		NONE, CLOSE_BEFORE, RESET_BEFORE, SILENCE, NOT_HTTP, CUT_HEAD, RESET_HEAD, CUT_BODY, RESET_BODY

	}

	enum Framing {

		LENGTH, CHUNKED, UNTIL_CLOSE

	}

	enum After {

		/**
		 * The connection is kept.
		 */
		KEPT,

		/**
		 * The server says that it closes the connection, and does.
		 */
		SAYS_CLOSE,

		/**
		 * The connection is closed though the server has not said so.
		 */
		CLOSED_IDLE,

		/**
		 * As before, but the client has most likely put it back.
		 */
		CLOSED_IDLE_LATER

	}

	private static final int MOST_REDIRECTS = 3;

	/**
	 * Return the status of the response.
	 * @param redirects how many came before: the last one goes nowhere
	 */
	int status(int redirects) {
		return switch (this.kind) {
			case OK -> 200;
			case NO_CONTENT -> 204;
			case REDIRECT_SAME_HOST, REDIRECT_OTHER_HOST -> (redirects < MOST_REDIRECTS) ? 307 : 200;
			case UNAVAILABLE -> 503;
			case TOO_MANY -> 429;
		};
	}

	static Answer random(SplittableRandom random) {
		return new Answer(kind(random.nextInt(100)), fault(random.nextInt(100)), interim(random.nextInt(100)),
				random.nextInt(100) < 5, framing(random.nextInt(100)), length(random), random.nextInt(100) < 4,
				after(random.nextInt(100)));
	}

	private static Kind kind(int of100) {
		if (of100 < 6) {
			return Kind.NO_CONTENT;
		}
		if (of100 < 9) {
			return Kind.REDIRECT_SAME_HOST;
		}
		if (of100 < 13) {
			return Kind.REDIRECT_OTHER_HOST;
		}
		return (of100 < 15) ? Kind.UNAVAILABLE : (of100 < 17) ? Kind.TOO_MANY : Kind.OK;
	}

	private static Fault fault(int of100) {
		return (of100 < 16) ? Fault.values()[1 + of100 / 2] : Fault.NONE;
	}

	private static int interim(int of100) {
		return (of100 < 3) ? 2 : (of100 < 8) ? 1 : 0;
	}

	private static Framing framing(int of100) {
		return (of100 < 60) ? Framing.LENGTH : (of100 < 92) ? Framing.CHUNKED : Framing.UNTIL_CLOSE;
	}

	private static int length(SplittableRandom random) {
		int of100 = random.nextInt(100);
		return (of100 < 10) ? 0 : (of100 < 92) ? random.nextInt(2000) : 100_000;
	}

	private static After after(int of100) {
		if (of100 < 5) {
			return After.SAYS_CLOSE;
		}
		return (of100 < 10) ? After.CLOSED_IDLE : (of100 < 14) ? After.CLOSED_IDLE_LATER : After.KEPT;
	}

}
