/**
 * Who owns a VM: what a node says of itself while it works, and what a person is told of it, also
 * when it was killed.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.status.StatusCommand}: {@code faultline status}. *
 *   <li>{@link io.faultline.cli.status.StatusFile}: what a node says, written at each step before
 *       it takes it.
 *   <li>{@link io.faultline.cli.status.StatusOwnershipLog}, {@link
 *       io.faultline.cli.status.StatusReportingVm}: where a source and a destination come by when a
 *       VM changes hands.
 *   <li>{@link io.faultline.cli.status.StateDirectory}: where that is, and journals are.
 *   <li>{@code NodeStatus}: one of them, read; {@code NodeStatusList}: all of a directory, beside
 *       the journals; {@code RecoveryAdvice}: what follows from them; {@code OwnershipStep}: how
 *       far a node had come.
 * </ul>
 */
@NullMarked
package io.faultline.cli.status;

import org.jspecify.annotations.NullMarked;
