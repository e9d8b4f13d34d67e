/**
 * Processes on the simulated kernel whose memory somebody else fills: for tests of such a filler,
 * without privilege and with every race that a seed selects.
 *
 * <ul>
 *   <li>{@link io.faultline.uffd.simulated.process.ForeignMachine}: the entry, with an example. It
 *       restores processes ({@code Restorer}) as {@link
 *       io.faultline.uffd.simulated.process.RestoredProcess}es, from a dump whose contents ({@link
 *       io.faultline.uffd.simulated.process.DumpContents}) are computed.
 *   <li>{@link io.faultline.uffd.simulated.process.ForeignProcess}: runs a {@code MemoryProgram},
 *       random loads, stores, drops, moves, unmaps and maps, and forks, as {@link
 *       io.faultline.uffd.simulated.process.ForeignOptions} say; other threads load meanwhile.
 *       {@code ExpectedMemory} and {@code PageContent}: what each load must see.
 *   <li>{@code StepwiseScheduling} runs one {@code Task} (thread) at a time.
 * </ul>
 *
 * <p>Where threads stop, and so what a filler can do in between:
 *
 * <ul>
 *   <li>in a fault, until its page is filled; a fault is read before older events;
 *   <li>after a change of mappings (for a drop: before it), before its event can be read: fills
 *       return EAGAIN, and there is nothing to read;
 *   <li>with the event unread: fills return EAGAIN;
 *   <li>after the event was read: fills still return EAGAIN, until the thread continues; a move is
 *       followed by the event of its old range;
 *   <li>after that, before the pages of a drop are dropped: fills work, and are dropped too.
 * </ul>
 */
@NullMarked
package io.faultline.uffd.simulated.process;

import org.jspecify.annotations.NullMarked;
