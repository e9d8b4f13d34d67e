/**
 * Data structures that threads share without locks, under the memory model of the JVM and the
 * processor, by jcstress. Interleavings of steps do not show what a missing fence does.
 *
 * <ul>
 *   <li>{@code PageStateRaces}: what threads do to the state of a page of paged memory, to the
 *       frames of its buffer, and to its staging ring; run by {@code PageStateStressTest}.
 *   <li>{@link io.faultline.tests.stress.Jcstress}: runs it in a process of its own.
 * </ul>
 */
@NullMarked
package io.faultline.tests.stress;

import org.jspecify.annotations.NullMarked;
