/**
 * The KVM VM: vCPUs run guest programs natively under {@code /dev/kvm}. The programs are those of
 * the simulated VM, so the result of a migration is compared with a run of the same programs in
 * Java.
 *
 * <p>In the order of a VM's life:
 *
 * <ol>
 *   <li>Configuration: {@link io.faultline.demo.kvm.KvmVmConfig}; on the wire {@code
 *       KvmConfigMessage}, together with the {@code HostProfile}, the features of its host.
 *   <li>Building it: {@link io.faultline.demo.kvm.KvmHost}, on the caller's thread. Kernel objects:
 *       {@code KvmParts}.
 *   <li>Initial memory and registers: {@code GuestLayout}, {@code PageTables}, {@code GuestImage},
 *       {@code GuestRom}, {@code PowerOnMemory}, {@code GuestState}.
 *   <li>Running it: {@link io.faultline.demo.kvm.KvmVm} and one {@code Vcpu} per vCPU, each on a
 *       thread {@code kvm-vcpu-N}, controlled by {@link io.faultline.demo.vcpu.RunControl}. {@code
 *       VcpuStarter} first fetches the page tables, on threads {@code kvm-toucher-N}.
 *   <li>What the guest reports: {@link io.faultline.demo.kvm.GuestTimes} of each {@code GuestClock}
 *       (operations, gaps, faults; read by any thread from guest memory) and {@code GuestConsole}
 *       (lines, on the vCPU's thread).
 *   <li>Leaving: {@link io.faultline.demo.kvm.KvmSource}, dirty pages by {@link
 *       io.faultline.demo.kvm.KvmDirtyLog}. Arriving: {@link io.faultline.demo.kvm.KvmDestination},
 *       which checks the host with {@code HostCheck} and {@link
 *       io.faultline.demo.kvm.KernelFaults}. The migration's threads call both.
 *   <li>Device state: {@code VmStateCodec}, {@code VcpuStateCodec}; made fast beforehand by {@link
 *       io.faultline.demo.kvm.KvmRehearsal}.
 *   <li>A lost page: {@code LostPage} names it.
 *   <li>Verification: {@code KvmVerification}; {@code SecondStage} counts whether huge pages are
 *       mapped by huge entries.
 *   <li>The same guest on another hypervisor, for benchmarks: {@link
 *       io.faultline.demo.kvm.FirmwareGuest}, {@link io.faultline.demo.kvm.FirmwareGuestClock},
 *       {@link io.faultline.demo.kvm.FirmwareGuestRam}.
 * </ol>
 */
@NullMarked
package io.faultline.demo.kvm;

import org.jspecify.annotations.NullMarked;
