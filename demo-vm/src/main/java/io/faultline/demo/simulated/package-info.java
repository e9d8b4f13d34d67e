/**
 * The simulated VM: vCPUs are threads that run deterministic guest programs over guest memory, so
 * that the result of a migration can be compared with that of a run that never migrated.
 *
 * <ul>
 *   <li>What it is: {@link io.faultline.demo.simulated.SimulatedVmConfig}, {@link
 *       io.faultline.demo.simulated.Workload}.
 *   <li>The VM: {@link io.faultline.demo.simulated.SimulatedVm}; its two ends in a migration:
 *       {@link io.faultline.demo.simulated.SimulatedSource}, {@link
 *       io.faultline.demo.simulated.SimulatedDestination}.
 *   <li>Memory: {@code RamLayout}, {@code VcpuSlice}, {@code RamFill}; {@code GuestWords} with
 *       {@code TlbWords} and {@code PlainWords}.
 *   <li>Which pages were written: {@code MmuDirtyLog}, {@code FlushedDirtyLog}.
 *   <li>vCPUs: {@code Vcpu}, {@code Registers}, {@code RunControl}, {@link
 *       io.faultline.demo.simulated.StandbyThreads}, {@code Pacer}. Their programs: {@code
 *       GuestProgram}, {@code AddressSequence} (one for each workload), {@code ZipfRanks}, {@code
 *       WriteChoice}.
 *   <li>What the guest sees of the migration: {@code VcpuClock}, {@link
 *       io.faultline.demo.simulated.VcpuFaults}.
 *   <li>For machines that run the programs by themselves: {@link
 *       io.faultline.demo.simulated.GuestMemory}, {@link io.faultline.demo.simulated.VcpuProgram},
 *       {@link io.faultline.demo.simulated.GuestRegisters}, {@link
 *       io.faultline.demo.simulated.ZipfTable}.
 *   <li>The proof: {@link io.faultline.demo.simulated.MemoryDigest}, {@link
 *       io.faultline.demo.simulated.VcpuDigest}, {@link io.faultline.demo.simulated.ReferenceRun}.
 * </ul>
 */
@NullMarked
package io.faultline.demo.simulated;

import org.jspecify.annotations.NullMarked;
