/**
 * The VMs that the command line runs, of either kind, with one interface.
 *
 * <ol>
 *   <li>The choice: {@link io.faultline.demo.vm.VmKind}. {@link io.faultline.demo.vm.VmFactory}
 *       checks a configuration, and builds or restores a VM, on the caller's thread.
 *   <li>A VM in this process: {@link io.faultline.demo.vm.HostedVm}; the adapters are {@code
 *       SimulatedHostedVm} and {@code KvmHostedVm}. Any thread.
 *   <li>A VM that arrives: {@link io.faultline.demo.vm.AnyIncomingVm}, called by one thread of the
 *       migration at a time.
 *   <li>Its console: {@link io.faultline.demo.vm.ConsoleTicks}, called on the thread of vCPU 0.
 *   <li>Its result, and the check against a run without migration: {@link
 *       io.faultline.demo.vm.VmOutcome}.
 * </ol>
 *
 * <p>The kinds themselves are in {@code demo.simulated} and {@code demo.kvm}, what they share in
 * {@code demo.vcpu} and {@code demo.incoming}.
 */
@NullMarked
package io.faultline.demo.vm;

import org.jspecify.annotations.NullMarked;
