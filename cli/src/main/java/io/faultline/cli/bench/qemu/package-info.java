/**
 * QEMU's postcopy migration of the same guest, for {@code faultline bench --qemu}.
 *
 * <ol>
 *   <li>{@link io.faultline.cli.bench.qemu.Qemu}: its version and command line.
 *   <li>{@link io.faultline.cli.bench.qemu.QemuMigration}: one migration between two {@link
 *       io.faultline.qemu.process.QemuProcess}es, with {@link
 *       io.faultline.cli.bench.qemu.QemuSettings}.
 *   <li>{@link io.faultline.cli.bench.qemu.QemuResult}: the result, with the {@link
 *       io.faultline.cli.bench.qemu.QemuStatistics} that QEMU reports.
 * </ol>
 */
@NullMarked
package io.faultline.cli.bench.qemu;

import org.jspecify.annotations.NullMarked;
