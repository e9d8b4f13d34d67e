/**
 * The simulated VM: its vCPUs are threads that run deterministic guest programs over guest memory,
 * so the result of a migration can be compared with that of a run without migration.
 *
 * <p>In the order of a VM's life:
 *
 * <ol>
 *   <li>Configuration: {@link io.faultline.demo.simulated.SimulatedVmConfig}, {@link
 *       io.faultline.demo.simulated.Workload}; on the wire {@code ConfigCodec}.
 *   <li>Memory: {@code VmRam} is a {@code MappedRam}, or a {@link
 *       io.faultline.demo.simulated.PagedRam} if it is larger than what it gets of RAM. {@code
 *       RamLayout} divides it into a {@code VcpuSlice} per vCPU; {@code RamFill} writes the initial
 *       contents.
 *   <li>Running it: {@link io.faultline.demo.simulated.SimulatedVm} and one {@code Vcpu} per vCPU,
 *       each on a thread {@code vcpu-N}, controlled by {@link io.faultline.demo.vcpu.RunControl}.
 *       {@code Pacer} limits the rate of operations.
 *   <li>An operation, on the vCPU's thread: {@code Registers} step through a {@code GuestProgram},
 *       whose addresses come from an {@code AddressSequence}: {@code SequentialAddresses}, {@code
 *       UniformAddresses}, {@code ZipfAddresses} ({@code ZipfRanks}), {@code PointerChase}; and
 *       whose writes from {@code WriteChoice}. {@code VcpuMemory} accesses guest memory: {@code
 *       TlbWords} through a software TLB, {@code PagedWords} through the pager.
 *   <li>What the guest measures ({@link io.faultline.demo.simulated.VcpuTimes}): {@code VcpuClock}
 *       (gaps, the pause of a migration), {@code FaultRecorder}, {@link
 *       io.faultline.demo.simulated.VcpuFaults}; JFR: {@code GuestFaultEvent}. Recorded on the
 *       vCPU's thread, read by any.
 *   <li>Dirty pages: {@code MmuDirtyLog} within {@code FlushedDirtyLog}, which makes the vCPUs
 *       flush their TLBs; {@code PagerDirtyLog} of paged memory. Collected by the source's thread.
 *   <li>Leaving and arriving: {@link io.faultline.demo.simulated.SimulatedSource}, {@link
 *       io.faultline.demo.simulated.SimulatedDestination}, called by the migration's threads; the
 *       state by {@code VmStateCodec}; made fast beforehand by {@link
 *       io.faultline.demo.simulated.SimulatedRehearsal}.
 *   <li>Verification: {@link io.faultline.demo.simulated.ReferenceRun} (over {@code PlainWords}),
 *       {@link io.faultline.demo.simulated.MemoryDigest}, {@link
 *       io.faultline.demo.simulated.VcpuDigest}.
 *   <li>For other implementations of the vCPU, such as KVM guests: {@link
 *       io.faultline.demo.simulated.GuestMemory}, {@link io.faultline.demo.simulated.VcpuProgram},
 *       {@link io.faultline.demo.simulated.ZipfTable}, {@link
 *       io.faultline.demo.simulated.GuestRegisters}.
 * </ol>
 */
@NullMarked
package io.faultline.demo.simulated;

import org.jspecify.annotations.NullMarked;
