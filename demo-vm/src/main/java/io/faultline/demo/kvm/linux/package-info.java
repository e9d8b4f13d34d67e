/**
 * The binding to KVM through the foreign function API: the only place with its ioctl numbers and
 * layouts (linux/kvm.h, asm/kvm.h), for x86-64. Knows nothing of guests or of migrations.
 *
 * <ul>
 *   <li>{@link io.faultline.demo.kvm.linux.Kvm}: /dev/kvm; {@link
 *       io.faultline.demo.kvm.linux.Capability}, {@link io.faultline.demo.kvm.linux.CpuidEntry}.
 *   <li>{@link io.faultline.demo.kvm.linux.KvmMachine}: one VM: {@link
 *       io.faultline.demo.kvm.linux.MemorySlot}, {@link io.faultline.demo.kvm.linux.SlotDirtyLog},
 *       clock, statistics.
 *   <li>{@link io.faultline.demo.kvm.linux.KvmVcpu}: one vCPU: run, kick, state; {@link
 *       io.faultline.demo.kvm.linux.VcpuPart}, {@link io.faultline.demo.kvm.linux.VcpuMsrs}, {@link
 *       io.faultline.demo.kvm.linux.RunPage}.
 *   <li>Layouts of the state that hosts read and write: {@link io.faultline.demo.kvm.linux.Regs},
 *       {@link io.faultline.demo.kvm.linux.Sregs}, {@link io.faultline.demo.kvm.linux.Xsave}.
 *   <li>Below them: {@code Libc}, {@code KickSignal}, {@code StateBytes}, and a descriptor for each
 *       structure of the kernel.
 * </ul>
 */
@NullMarked
package io.faultline.demo.kvm.linux;

import org.jspecify.annotations.NullMarked;
