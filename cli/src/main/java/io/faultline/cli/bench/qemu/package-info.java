/**
 * QEMU's postcopy on a guest equal to ours, for {@code faultline bench --qemu}.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.bench.qemu.Qemu}: whether it is there, and which.
 *   <li>{@link io.faultline.cli.bench.qemu.QemuMigration}: one migration between two processes,
 *       with {@link io.faultline.cli.bench.qemu.QemuSettings}; what came of it is a {@link
 *       io.faultline.cli.bench.qemu.QemuResult}.
 *   <li>{@code QemuProcess}: one QEMU and its files. {@code QmpConnection}: its monitor, {@code
 *       QmpEvent} what that tells unasked. {@code MigrationAnswers}: what it says of a migration.
 * </ul>
 */
@NullMarked
package io.faultline.cli.bench.qemu;

import org.jspecify.annotations.NullMarked;
