/**
 * Whether the guest of a running QEMU can be moved: {@link io.faultline.qemu.check.QemuCheck}
 * looks, and finds {@link io.faultline.qemu.check.QemuFinding}s. {@code UserfaultfdAccess}: whether
 * a userfaultfd can be made in its process.
 */
@NullMarked
package io.faultline.qemu.check;

import org.jspecify.annotations.NullMarked;
