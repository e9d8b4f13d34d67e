/**
 * The guest of a run, and what must hold for its memory.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.simulation.guest.Guest}: the one VM, whichever side runs it: pause,
 *       resume, start, dirty log, and the checks after each event and at the end.
 *   <li>{@code Vcpu}: loads and stores words and sleeps in page faults. {@code RegionModel}: the
 *       expected content of a region.
 *   <li>{@link io.faultline.cli.simulation.guest.CheckedKernel} with its {@code
 *       CheckedUserfaultfd}: the simulated kernel of a destination, which checks every page that is
 *       placed.
 * </ul>
 */
@NullMarked
package io.faultline.cli.simulation.guest;

import org.jspecify.annotations.NullMarked;
