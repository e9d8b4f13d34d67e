/**
 * Bugs that {@code --bug} plants to show that the simulation detects them. {@link
 * io.faultline.cli.simulation.bug.Bug} lists them; {@code ClaimAfterWrite}, {@code RunBeforeReady},
 * {@code OffByOne} and {@code DuplicateAccepted} change the frames between the nodes as a node with
 * that bug would send or accept them. {@code NOBODY_IS_WOKEN} is planted in the destination's
 * kernel, {@code HANG_UNNOTICED} in the source's.
 */
@NullMarked
package io.faultline.cli.simulation.bug;

import org.jspecify.annotations.NullMarked;
