/**
 * QEMU processes.
 *
 * <ul>
 *   <li>{@link io.faultline.qemu.process.QemuProcess}: starts and ends one.
 *   <li>{@link io.faultline.qemu.process.RamMapping}: where a running one has mapped its guest's
 *       RAM.
 * </ul>
 */
@NullMarked
package io.faultline.qemu.process;

import org.jspecify.annotations.NullMarked;
