/**
 * Runs one case once and returns its values. All cases share a {@link
 * io.faultline.cli.bench.measure.BenchEnvironment}.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.bench.measure.MigrationCase}: a migration between two JVMs.
 *   <li>{@link io.faultline.cli.bench.measure.DelayedLinkCase}: the same over a {@code
 *       DelayedLink}, a relay with virtual threads of its own.
 *   <li>{@link io.faultline.cli.bench.measure.TimelineCase}: a part of a remote fault. A {@link
 *       io.faultline.cli.bench.measure.TimelineRun} records a migration once per round ({@code
 *       TimelineRecordings}), for a {@link io.faultline.cli.bench.measure.FaultTimeline} of all
 *       parts.
 *   <li>{@link io.faultline.cli.bench.measure.FloorCase}: one run of the {@link
 *       io.faultline.cli.bench.measure.FloorProgram}, the same work in C; {@code FloorOutput}
 *       parses what it prints.
 *   <li>{@link io.faultline.cli.bench.measure.QemuCase}: a migration by QEMU; {@link
 *       io.faultline.cli.bench.measure.QemuGuestCase}: one of its guests, by this project.
 *   <li>{@link io.faultline.cli.bench.measure.CriuCase}: a {@link
 *       io.faultline.cli.bench.measure.MovedProcess} that CRIU moves; {@link
 *       io.faultline.cli.bench.measure.CriuRestoresCase}: one dump restored many times; {@link
 *       io.faultline.cli.bench.measure.CriuRightCase}: whether the process is right. {@link
 *       io.faultline.cli.bench.measure.CriuPrograms}: what they need; {@link
 *       io.faultline.cli.bench.measure.PagePath}: who brings the pages.
 *   <li>Memory that a case needs before it starts: {@code MemoryRequirement}, {@link
 *       io.faultline.cli.bench.measure.WarmHugePages}. {@link
 *       io.faultline.cli.bench.measure.ProgramRunner} runs programs.
 * </ul>
 */
@NullMarked
package io.faultline.cli.bench.measure;

import org.jspecify.annotations.NullMarked;
