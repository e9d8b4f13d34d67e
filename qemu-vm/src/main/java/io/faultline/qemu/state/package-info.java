/**
 * The state of a QEMU's devices and vCPUs, without its RAM.
 *
 * <ul>
 *   <li>{@link io.faultline.qemu.state.DeviceState}: prepares a QEMU, and lets its VM run on after
 *       a failure. {@link io.faultline.qemu.state.ConflictingSettings} are those with which it
 *       cannot.
 *   <li>{@link io.faultline.qemu.state.StateDescription}: what QEMU appends to the state, and is
 *       not moved.
 *   <li>{@link io.faultline.qemu.state.OutgoingDeviceState} takes the state from one QEMU ({@code
 *       StateReader}), and passes its parts to a {@link io.faultline.qemu.state.StatePartSink};
 *       {@link io.faultline.qemu.state.IncomingDeviceState} loads them into another QEMU ({@code
 *       StateWriter}), each through a {@code StateSocket}.
 * </ul>
 */
@NullMarked
package io.faultline.qemu.state;

import org.jspecify.annotations.NullMarked;
