/**
 * {@code faultline dest}: receives one VM, runs it to its end, and verifies it.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.dest.DestCommand}: the command; {@code LostSourceOptions} are its
 *       options for a source that stays lost.
 *   <li>{@code DestRun}: starts the {@code MigrationDestination}, rehearses on its own thread until
 *       a source has connected, awaits the end, and compares the VM with a run that never migrated.
 *       {@code DestinationAdmission} refuses a VM that does not fit.
 *   <li>Around the VM that the destination fills, called by the thread of the migration: {@code
 *       StatusReportingVm} updates the status file, {@code RehearsalAwaitingVm} delays the source
 *       until the rehearsal is over, {@code RecordedVm} prepares the recording. They extend {@code
 *       ForwardingVm}.
 *   <li>{@code QemuDestRun}: the same for the guest of a QEMU, which {@code ReservedHugePages}
 *       admits. {@code QemuChoice}: which QEMU the user wants; {@code DestinationQemu} connects to
 *       it or starts it, and {@code GivenQemuVm} lets it outlive this process once it has the
 *       guest.
 *   <li>{@code QemuTakeOverRun}: goes on where a node was killed. {@code QemuStateKeeper} keeps
 *       what it needs, {@code TakeOverRecord} is what does not change, {@code MachineRun} says
 *       where that is valid, {@code QemuTakeOver} opens both again.
 * </ul>
 */
@NullMarked
package io.faultline.cli.dest;

import org.jspecify.annotations.NullMarked;
