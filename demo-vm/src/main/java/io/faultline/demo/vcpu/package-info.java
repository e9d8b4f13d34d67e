/**
 * What both kinds of VM share: the threads of their vCPUs, and how these are started, paused and
 * stopped. Knows neither guest memory nor guest programs.
 *
 * <table>
 *   <caption>In the order of a VM's life</caption>
 *   <tr><th>mechanism</th><th>class</th><th>used by</th></tr>
 *   <tr><td>threads made ahead of the start, so that a paused guest does not wait for them</td>
 *       <td>{@link io.faultline.demo.vcpu.StandbyThreads}</td><td>the VM's owner</td></tr>
 *   <tr><td>report of the first instruction, which ends the downtime</td>
 *       <td>{@link io.faultline.demo.vcpu.FirstInstruction}</td><td>each vCPU's thread</td></tr>
 *   <tr><td>pause, resume, rendezvous, stop</td>
 *       <td>{@link io.faultline.demo.vcpu.RunControl}, which sees a vCPU as a {@link
 *       io.faultline.demo.vcpu.ControlledVcpu}</td>
 *       <td>any thread; parking on each vCPU's thread</td></tr>
 * </table>
 */
@NullMarked
package io.faultline.demo.vcpu;

import org.jspecify.annotations.NullMarked;
