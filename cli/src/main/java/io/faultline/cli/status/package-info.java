/**
 * Who owns a VM: what a node says of itself while it works, and what a person is told of it, also
 * when it was killed.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.status.StatusCommand}: {@code faultline status}. *
 *   <li>{@link io.faultline.cli.status.StatusFile}: what a node says, written at each step before
 *       it takes it.
 *   <li>{@link io.faultline.cli.status.StatusLedger}, {@link io.faultline.cli.status.StatusVm}:
 *       where a source and a destination come by when a VM changes hands.
 *   <li>{@link io.faultline.cli.status.StateDirectory}: where that is, and journals are.
 *   <li>{@code NodeStatus}: one of them, read; {@code Board}: all of a directory, beside the
 *       journals; {@code Advice}: what follows from them; {@code Step}: how far a node had come.
 * </ul>
 */
@NullMarked
package io.faultline.cli.status;

import org.jspecify.annotations.NullMarked;
