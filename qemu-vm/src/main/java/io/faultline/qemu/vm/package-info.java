/**
 * The guests of stock QEMUs as VMs that the nodes migrate. QEMU runs unchanged: its RAM is a file
 * that this process maps too, a userfaultfd is opened inside its process, and its monitor stops and
 * starts it.
 *
 * <ul>
 *   <li>{@link io.faultline.qemu.vm.QemuSource}, {@link io.faultline.qemu.vm.QemuDestination}: the
 *       VM of an outgoing and of an incoming migration.
 *   <li>{@link io.faultline.qemu.vm.TakenOverQemu}: the VM of an incoming migration whose node was
 *       killed; {@link io.faultline.qemu.vm.RunningQemu}: what is recorded to find it again.
 *   <li>{@code QemuGuest}: a QEMU's process and RAM; {@code QemuMachine}: what must be alike on
 *       both sides.
 *   <li>{@code QemuKernel}: the kernel as QEMU's process sees it, with the page table and the
 *       userfaultfds of that process, which {@code GuestUserfaultfds} opens.
 *   <li>{@link io.faultline.qemu.vm.GuestOfLostNode}: the guest of a QEMU whose source node was
 *       killed, found by the {@code SurvivingGuest} in its journal; {@code LeftInQemu}: what such a
 *       node left; {@code RamLock}: no two nodes work with one QEMU.
 *   <li>{@code FormerSettings}: of QEMU's own migration, for afterwards; {@code GuestState}: the
 *       state on the wire; {@code MonitorStatus}, {@code MonitorCalls}: what the monitor says.
 *   <li>{@code GuestDeparture}, {@code GuestArrival}: what the guest waits for while it is paused,
 *       over QEMU's monitor alone. {@code QemuLoading}: the state that QEMU loads, as the control
 *       loop sees it; {@code VmStart}: {@code cont} at the destination, until QEMU obeys; {@code
 *       InterruptibleCall}: a wait that ends when its owner is closed.
 *   <li>{@link io.faultline.qemu.vm.SwitchoverRehearsal}, {@link
 *       io.faultline.qemu.vm.RehearsedGuest}: the same with QEMUs that are made up ({@code
 *       RehearsedQemu}), so that its code is compiled before a guest is paused.
 * </ul>
 */
@NullMarked
package io.faultline.qemu.vm;

import org.jspecify.annotations.NullMarked;
