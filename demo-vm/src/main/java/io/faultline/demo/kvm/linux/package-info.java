/**
 * The binding to KVM through the foreign function API, for x86-64: the only package with KVM's
 * ioctl numbers and layouts (linux/kvm.h, asm/kvm.h). Knows neither guests nor migrations.
 *
 * <ol>
 *   <li>The device: {@link io.faultline.demo.kvm.linux.Kvm} opens /dev/kvm, queries {@link
 *       io.faultline.demo.kvm.linux.Capability} and {@link io.faultline.demo.kvm.linux.CpuidEntry},
 *       and creates VMs. Any thread.
 *   <li>A VM: {@link io.faultline.demo.kvm.linux.KvmMachine} with its {@link
 *       io.faultline.demo.kvm.linux.MemorySlot}s, clock and {@code MachineStatistics}. Any thread;
 *       {@link io.faultline.demo.kvm.linux.SlotDirtyLog} is confined to the thread that collects.
 *   <li>A vCPU: {@link io.faultline.demo.kvm.linux.KvmVcpu} runs the guest on one bound thread.
 *       {@link io.faultline.demo.kvm.linux.RunPage} says why it returned; {@code KickSignal} is how
 *       other threads interrupt it.
 *   <li>The state of a vCPU that does not run, from any thread: {@link
 *       io.faultline.demo.kvm.linux.VcpuPart} and {@link io.faultline.demo.kvm.linux.VcpuMsrs}; the
 *       layouts {@link io.faultline.demo.kvm.linux.Regs}, {@link
 *       io.faultline.demo.kvm.linux.Sregs}, {@link io.faultline.demo.kvm.linux.Xsave}, {@link
 *       io.faultline.demo.kvm.linux.Msrs}.
 *   <li>Underneath: {@code Libc} calls the C library, {@code Fd} makes ioctls, {@code StateBytes}
 *       accesses fields.
 * </ol>
 */
@NullMarked
package io.faultline.demo.kvm.linux;

import org.jspecify.annotations.NullMarked;
