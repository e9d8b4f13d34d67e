/**
 * The VMs that the commands can run, of whatever kind, behind one interface.
 *
 * <ul>
 *   <li>The choice: {@link io.faultline.demo.vm.VmKind}; what builds one: {@link
 *       io.faultline.demo.vm.VmFactory}.
 *   <li>A VM: {@link io.faultline.demo.vm.HostedVm}, one adapter for each kind; one that arrives:
 *       {@link io.faultline.demo.vm.AnyIncomingVm}.
 *   <li>What it came to: {@link io.faultline.demo.vm.VmOutcome}; what it wrote to its console:
 *       {@link io.faultline.demo.vm.ConsoleTicks}.
 * </ul>
 */
@NullMarked
package io.faultline.demo.vm;

import org.jspecify.annotations.NullMarked;
