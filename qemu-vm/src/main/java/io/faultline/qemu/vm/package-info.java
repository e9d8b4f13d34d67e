/**
 * The guests of stock QEMUs as VMs that the nodes migrate. QEMU runs unchanged: its RAM is a file
 * that this process maps too, a userfaultfd is opened inside its process, and its monitor stops and
 * starts it.
 *
 * <ul>
 *   <li>{@link io.faultline.qemu.vm.QemuSource}, {@link io.faultline.qemu.vm.QemuDestination}: the
 *       VM of an outgoing and of an incoming migration.
 *   <li>{@code QemuGuest}: a QEMU's process and RAM; {@code QemuMachine}: what must be alike on
 *       both sides.
 *   <li>{@code QemuKernel}: the kernel as QEMU's process sees it, with the page table and the
 *       userfaultfds of that process, which {@code GuestUserfaultfds} opens.
 *   <li>{@code MonitorCalls}: exceptions.
 * </ul>
 */
@NullMarked
package io.faultline.qemu.vm;

import org.jspecify.annotations.NullMarked;
