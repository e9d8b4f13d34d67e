/** QEMU processes: {@link io.faultline.qemu.process.QemuProcess} starts and ends one. */
@NullMarked
package io.faultline.qemu.process;

import org.jspecify.annotations.NullMarked;
