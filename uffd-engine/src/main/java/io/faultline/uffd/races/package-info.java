/**
 * The races between placing a page and reading the fault for it, as proofs on the simulated kernel.
 *
 * <ul>
 *   <li>{@link io.faultline.uffd.races.Races}: tells the whole story, and says whether all came out
 *       as it should.
 *   <li>{@code Setting}: the three settings of the story: which kernel, and whether user space
 *       takes care. {@code Script}: the two interleavings that lose a wake-up, step by step.
 *   <li>{@code PostcopyProgram}: one vCPU, one background thread and one fault reader.
 *   <li>{@code Interleaver}: runs such threads one at a time, and knows at once when none can go
 *       on. {@code Actor}: one of them. {@code Move}: what one did. {@code Run}: how it ended.
 *   <li>{@code Exploration}: all interleavings, by states; {@code StateGraph} counts them.
 *   <li>{@code Diagram}: a run as a person reads it.
 * </ul>
 */
@NullMarked
package io.faultline.uffd.races;

import org.jspecify.annotations.NullMarked;
