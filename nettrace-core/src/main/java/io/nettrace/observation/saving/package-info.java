/**
 * What saves bytes, and nothing else: without it the same spans and timers are emitted,
 * which {@code PlainAndSavingTests} shows. Each row was measured by leaving out that one
 * saver (the benchmarks' {@code Allocation}, JDK 17, x86-64): the bytes and nanoseconds
 * of a lookup with meters, 696 B and 290 ns with all savers, and those of a lookup and a
 * connect with meters and spans, 3,520 B and 1,870 ns. The nanoseconds are the least of
 * two runs on a busy machine.
 * <table>
 * <caption>What is saved</caption>
 * <tr>
 * <th>saver</th>
 * <th>the plain path</th>
 * <th>lookup, meters</th>
 * <th>lookup and connect, spans</th>
 * </tr>
 * <tr>
 * <td>{@link io.nettrace.observation.saving.CompactContext}, sets of key values</td>
 * <td>Micrometer's maps, sorted each time they are read</td>
 * <td>448 B, 530 ns</td>
 * <td>1,168 B, 1,390 ns</td>
 * </tr>
 * <tr>
 * <td>{@link io.nettrace.observation.saving.CompactContext}, one entry</td>
 * <td>Micrometer's map</td>
 * <td>nothing</td>
 * <td>224 B, 150 ns</td>
 * </tr>
 * <tr>
 * <td>{@link io.nettrace.observation.saving.DeferringConvention}</td>
 * <td>the convention itself</td>
 * <td>200 B, 30 ns</td>
 * <td>424 B, 640 ns</td>
 * </tr>
 * <tr>
 * <td>{@link io.nettrace.observation.saving.SharedKeyValues}</td>
 * <td>a tree without room</td>
 * <td>736 B, 230 ns</td>
 * <td>1,744 B, 810 ns</td>
 * </tr>
 * <tr>
 * <td>{@link io.nettrace.observation.saving.HeldTimers}</td>
 * <td>the registry is asked for each timer</td>
 * <td>1,208 B, 360 ns</td>
 * <td>5,120 B, 1,940 ns</td>
 * </tr>
 * <tr>
 * <td>{@link io.nettrace.observation.saving.NetTraceExemplarObservationHandler}, with
 * {@link io.nettrace.observation.saving.ThinnedTracingContext}</td>
 * <td>no such handler: a scope around each timer</td>
 * <td>nothing</td>
 * <td>608 B, 570 ns</td>
 * </tr>
 * </table>
 * {@code OpenTelemetryBridge} of the spans saves 1,144 B and 680 ns as well. It is there
 * for the attributes of events, which Micrometer's spans do not have.
 */
@NullMarked
package io.nettrace.observation.saving;

import org.jspecify.annotations.NullMarked;
