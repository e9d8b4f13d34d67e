/**
 * Firecracker's page-fault handler: memory of microVMs that are restored from a snapshot ({@code
 * mem_backend} of type {@code Uffd}; docs/snapshotting/handling-page-faults-on-snapshot-resume.md
 * of Firecracker).
 *
 * <ul>
 *   <li>{@link io.faultline.restore.firecracker.UffdHandler}: the entry, with {@link
 *       io.faultline.restore.firecracker.HandlerSettings}; reports {@link
 *       io.faultline.restore.firecracker.HandlerEvents} and a {@link
 *       io.faultline.restore.firecracker.VmReport} of each VM.
 *   <li><b>One VM, on its thread.</b> {@code VmServer}: from its connection to its end, and what
 *       happens if anything fails. {@code VmSession}: the loop; {@code EventReader}, {@code
 *       WaitingFaults}, {@code RetryTimer}, {@code SpinChoice}; {@code DemandFills} and {@code
 *       BackgroundFill} decide which pages, {@code PageFills} fills them; {@code VmCounters}.
 *   <li><b>What the VM sent.</b> {@code HandshakeReader} and {@code HandshakeParser} make a {@code
 *       Handshake} with {@code GuestRegions} (each a {@code GuestRegion}), or a {@code
 *       RefusedException}.
 *   <li><b>Contents.</b> {@code MemoryFile} ({@code MemoryFileException}); {@code NeededPages}, its
 *       working set; {@code ZeroedPages} are those that are zeros.
 *   <li><b>If this process ends.</b> {@code VmGuard} kills VMs (each a {@code VmId}), unless they
 *       are held: {@code HeldVms}, {@code HeldVm}, {@code LastEvents}, {@code VmState}. Both are
 *       processes of a {@code ShellScript}.
 * </ul>
 *
 * <p>A page of the file is copied in one call of the thread that has read the fault, straight from
 * the page cache: so this does not use {@link io.faultline.restore.transfer}, which is made for
 * origins that answer later, processes that move their memory, and pages that arrive in any order.
 */
@NullMarked
package io.faultline.restore.firecracker;

import org.jspecify.annotations.NullMarked;
