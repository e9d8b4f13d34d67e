/**
 * The state of a QEMU's devices and vCPUs, without its RAM: {@link
 * io.faultline.qemu.state.DeviceState} takes it from one QEMU ({@code StateListener}) and loads it
 * into another ({@code StateSender}).
 */
@NullMarked
package io.faultline.qemu.state;

import org.jspecify.annotations.NullMarked;
