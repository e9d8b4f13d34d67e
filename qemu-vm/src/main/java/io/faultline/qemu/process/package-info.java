/**
 * QEMU processes.
 *
 * <ul>
 *   <li>{@link io.faultline.qemu.process.QemuProcess}: starts and ends one, {@link
 *       io.faultline.qemu.process.QemuProgram}, with a {@link
 *       io.faultline.qemu.process.QemuCommand} and an {@link
 *       io.faultline.qemu.process.Accelerator}.
 *   <li>{@link io.faultline.qemu.process.WaitingQemu}: starts one that waits for a guest, and
 *       continues with it when this process ends; {@code WaitingCommand} is its command line.
 *   <li>{@link io.faultline.qemu.process.GuestRam}: the file that is its guest's RAM, as the
 *       monitor says; {@link io.faultline.qemu.process.RamMapping}: where the process has mapped
 *       it.
 * </ul>
 */
@NullMarked
package io.faultline.qemu.process;

import org.jspecify.annotations.NullMarked;
