/**
 * QEMU's monitor protocol, as a client.
 *
 * <ul>
 *   <li>{@link io.faultline.qemu.qmp.QmpConnection}: commands, their results, descriptors for QEMU,
 *       and {@link io.faultline.qemu.qmp.QmpEvent}s; {@link io.faultline.qemu.qmp.QmpException}: a
 *       refusal; {@link io.faultline.qemu.qmp.QemuVersion}: from the greeting.
 *   <li>{@link io.faultline.qemu.qmp.QomProperty}: properties of QEMU's objects.
 *   <li>{@link io.faultline.qemu.qmp.SideStream}: what is read while a thread waits at the monitor.
 *   <li>{@code MonitorSocket}: the bytes; {@code MessageLines}: what the monitor sends, as JSON
 *       objects.
 * </ul>
 */
@NullMarked
package io.faultline.qemu.qmp;

import org.jspecify.annotations.NullMarked;
