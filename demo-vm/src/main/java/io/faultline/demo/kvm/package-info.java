/**
 * The KVM VM: vCPUs that run guest programs natively under {@code /dev/kvm}. The programs are those
 * of the simulated VM, bit for bit, so that the result of a migration is compared with a run of the
 * same programs in Java.
 *
 * <ul>
 *   <li>What it is: {@link io.faultline.demo.kvm.KvmVmConfig}; what builds it: {@link
 *       io.faultline.demo.kvm.KvmHost}.
 *   <li>The VM: {@link io.faultline.demo.kvm.KvmVm}; its two ends in a migration: {@link
 *       io.faultline.demo.kvm.KvmSource}, {@link io.faultline.demo.kvm.KvmDestination}; what it
 *       wrote: {@link io.faultline.demo.kvm.KvmDirtyLog}; a cold start avoided: {@link
 *       io.faultline.demo.kvm.KvmRehearsal}.
 *   <li>Guest memory: {@code GuestLayout}, {@code PageTables}, {@code GuestImage}, {@code
 *       GuestRom}, {@code PowerOnMemory}.
 *   <li>The guest at work: {@code GuestState}, {@code GuestClock}, {@code GuestConsole}.
 *   <li>The same guest on the machine of another hypervisor: {@link
 *       io.faultline.demo.kvm.FirmwareGuest}, {@link io.faultline.demo.kvm.FirmwareGuestClock}.
 *   <li>vCPUs: {@code Vcpu}, {@code RunControl}, {@code VcpuStarter}, {@code KvmParts}.
 *   <li>State that moves: {@code KvmConfigMessage}, {@code VmStateCodec}, {@code VcpuStateCodec};
 *       what a host must have for it: {@code HostProfile}, {@code HostCheck}, {@link
 *       io.faultline.demo.kvm.KernelFaults}.
 *   <li>The proof: {@code KvmVerification}; whether huge pages are huge to the processor too:
 *       {@code SecondStage}.
 * </ul>
 */
@NullMarked
package io.faultline.demo.kvm;

import org.jspecify.annotations.NullMarked;
