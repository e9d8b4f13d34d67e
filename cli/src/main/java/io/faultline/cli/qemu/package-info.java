/**
 * Guests of stock QEMUs on the command line.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.qemu.QemuMonitor}: {@code --qmp} of {@code source} and {@code
 *       dest}.
 *   <li>{@link io.faultline.cli.qemu.QemuPair}: the QEMUs of {@code demo --vm qemu}, one for each
 *       {@code QemuSide}, with their {@link io.faultline.cli.qemu.QemuFiles}; {@link
 *       io.faultline.cli.qemu.RamDirectory} has those of their RAM, and {@code AbandonedRam}
 *       removes what a killed process left of them.
 *   <li>{@code EndsWithThread}: they end with the demo, also with one that is killed.
 *   <li>{@link io.faultline.cli.qemu.DemoGuest}: what runs in them, and how it is verified: {@link
 *       io.faultline.cli.qemu.ProgramGuest}, with its {@code VcpuRegisters}, or {@link
 *       io.faultline.cli.qemu.LinuxGuest}.
 *   <li>{@link io.faultline.cli.qemu.TscFrequency}: for a guest program's measurements.
 * </ul>
 */
@NullMarked
package io.faultline.cli.qemu;

import org.jspecify.annotations.NullMarked;
