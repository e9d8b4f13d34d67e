/**
 * Guests of stock QEMUs on the command line.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.qemu.QemuDemo}: {@code demo --vm qemu}. {@code QemuPair} starts two
 *       QEMUs and migrates between them; {@code RamDirectory} has the files of their RAM.
 *   <li>{@link io.faultline.cli.qemu.QemuMonitor}: {@code --qmp} of {@code source} and {@code
 *       dest}.
 *   <li>{@code ProgramGuest}: a guest whose result can be verified; {@link
 *       io.faultline.cli.qemu.TscFrequency}: for its measurements.
 * </ul>
 */
@NullMarked
package io.faultline.cli.qemu;

import org.jspecify.annotations.NullMarked;
