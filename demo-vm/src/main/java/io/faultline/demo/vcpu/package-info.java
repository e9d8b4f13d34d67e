/**
 * The threads of vCPUs, shared by both kinds of VM. Knows neither guest memory nor guest programs.
 *
 * <p>In the order of a VM's life:
 *
 * <ol>
 *   <li>{@link io.faultline.demo.vcpu.StandbyThreads}: threads created ahead of the start, so that
 *       a paused guest does not wait for them. Used by the thread that builds the VM.
 *   <li>{@link io.faultline.demo.vcpu.FirstInstruction}: reports the end of the downtime, on the
 *       thread of the first vCPU to run.
 *   <li>{@link io.faultline.demo.vcpu.RunControl}: pauses, resumes and stops the vCPUs, from any
 *       thread. It sees a vCPU as a {@link io.faultline.demo.vcpu.ControlledVcpu}, which parks on
 *       its own thread.
 * </ol>
 */
@NullMarked
package io.faultline.demo.vcpu;

import org.jspecify.annotations.NullMarked;
