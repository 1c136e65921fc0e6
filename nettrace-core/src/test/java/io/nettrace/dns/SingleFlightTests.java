package io.nettrace.dns;

import java.util.ArrayList;
import java.util.List;

import io.nettrace.dns.SingleFlight.Flight;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What callers in a group of flights see in moments that lookups hardly ever meet.
 */
class SingleFlightTests {

	private final SingleFlight<Object, Flight<Object, String>> flights = new SingleFlight<>();

	private final List<String> told = new ArrayList<>();

	@Test
	void flightThatIsOverIsNotJoinedAlsoBeforeItIsForgotten() {
		InterruptedKey key = new InterruptedKey();
		Flight<Object, String> over = new Flight<>(key);
		Flight<Object, String> next = new Flight<>(new InterruptedKey());
		assertThat(this.flights.joinOrStart(over)).isSameAs(over);
		key.whenAskedFor = () -> assertThat(this.flights.joinOrStart(next)).isSameAs(next);
		over.land("a", null);
		assertThat(key.whenAskedFor).as("the flight was being forgotten").isNull();
		assertThat(over.land("again", null)).as("shared").isFalse();
		assertThat(this.flights.size()).as("the next flight stays").isOne();
		next.land("b", null);
		assertThat(this.flights.size()).isZero();
	}

	@Test
	void flightThatLandedAloneCannotBeJoinedAndOneThatWasJoinedDoesNotLandAlone() {
		Flight<Object, String> alone = this.flights.joinOrStart(new Flight<>("key"));
		assertThat(alone.landAlone()).isTrue();
		assertThat(alone.join()).isFalse();
		Flight<Object, String> joined = this.flights.joinOrStart(new Flight<>("key"));
		assertThat(joined).isNotSameAs(alone);
		assertThat(joined.join()).isTrue();
		assertThat(joined.landAlone()).isFalse();
		assertThat(joined.land("answer", null)).isTrue();
		assertThat(this.flights.size()).isZero();
	}

	@Test
	void endOfAForgottenFlightDoesNotForgetItsSuccessor() {
		Flight<Object, String> first = this.flights.joinOrStart(new Flight<>("key"));
		SingleFlight.Waiter<String> waiter = waiter("first");
		first.await(waiter);
		assertThat(first.leave(waiter)).isTrue();
		Flight<Object, String> second = this.flights.joinOrStart(new Flight<>("key"));
		assertThat(second).isNotSameAs(first);
		first.land("late", null);
		assertThat(this.flights.joinOrStart(new Flight<>("key"))).isSameAs(second);
		second.await(waiter("second"));
		second.land("answer", null);
		assertThat(this.told).containsExactly("second: answer null true");
	}

	@Test
	void waitersThatHaveNotLeftAreCalledInOrderOfArrival() {
		Flight<Object, String> flight = this.flights.joinOrStart(new Flight<>("key"));
		SingleFlight.Waiter<String> first = waiter("first");
		SingleFlight.Waiter<String> third = waiter("third");
		flight.await(first);
		flight.join();
		flight.await(waiter("second"));
		flight.join();
		flight.await(third);
		assertThat(flight.leave(first)).isTrue();
		assertThat(flight.leave(first)).as("it has left").isFalse();
		assertThat(flight.leave(third)).isTrue();
		flight.join();
		flight.await(waiter("fourth"));
		flight.land("answer", null);
		assertThat(this.told).containsExactly("second: answer null true", "fourth: answer null true");
	}

	@Test
	void calledWaiterMayCallTheOthersAndEachIsCalledOnce() {
		Flight<Object, String> flight = this.flights.joinOrStart(new Flight<>("key"));
		SingleFlight.Waiter<String> helper = (value, error, shared) -> {
			this.told.add("helper");
			flight.tellOthers();
		};
		SingleFlight.Waiter<String> last = waiter("last");
		flight.await(helper);
		for (SingleFlight.Waiter<String> waiter : List.of(waiter("second"), last)) {
			flight.join();
			flight.await(waiter);
		}
		flight.land("answer", null);
		assertThat(this.told).containsExactly("helper", "second: answer null true", "last: answer null true");
		assertThat(flight.leave(helper)).as("it has been told").isFalse();
		assertThat(flight.leave(last)).as("it has been told").isFalse();
	}

	@Test
	void waiterThatComesLateIsToldAtOnce() {
		Flight<Object, String> flight = this.flights.joinOrStart(new Flight<>("key"));
		IllegalStateException failure = new IllegalStateException("failure");
		flight.land(null, failure);
		flight.land("too late", null);
		SingleFlight.Waiter<String> waiter = waiter("late");
		flight.await(waiter);
		assertThat(this.told).containsExactly("late: null " + failure + " false");
		assertThat(flight.leave(waiter)).as("it has been told").isFalse();
	}

	private SingleFlight.Waiter<String> waiter(String name) {
		return (value, error, shared) -> this.told.add(name + ": " + value + " " + error + " " + shared);
	}

	/**
	 * All are equal, and one can be made to do something when a map asks for it.
	 */
	private static final class InterruptedKey {

		private @Nullable Runnable whenAskedFor;

		@Override
		public boolean equals(@Nullable Object other) {
			return other instanceof InterruptedKey;
		}

		@Override
		public int hashCode() {
			Runnable action = this.whenAskedFor;
			this.whenAskedFor = null;
			if (action != null) {
				action.run();
			}
			return 1;
		}

	}

}
