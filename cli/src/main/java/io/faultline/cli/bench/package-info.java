/**
 * {@code faultline bench}: measures migrations. Everything here runs on the command's thread.
 *
 * <ol>
 *   <li>{@link io.faultline.cli.bench.BenchCommand}: the options, validated as {@code
 *       BenchSettings}.
 *   <li>{@code BenchRun}: one run. {@link io.faultline.cli.bench.cases} lists the cases, {@code
 *       CaseSelection} selects those of {@code --only} and {@code --quick}, {@code RunOrder}
 *       interleaves them.
 *   <li>{@link io.faultline.cli.bench.measure}: runs one case once; {@link
 *       io.faultline.cli.bench.qemu} does so with QEMU, {@link io.faultline.cli.bench.criu} moves
 *       processes with CRIU, {@link io.faultline.cli.bench.paging} pages memory, {@link
 *       io.faultline.cli.bench.snapshots} saves it, {@link io.faultline.cli.bench.firecracker}
 *       restores Firecracker's.
 *   <li>{@link io.faultline.cli.bench.result}: the collected values, with ratios and targets.
 *   <li>{@link io.faultline.cli.bench.report}: the reports as text, JSON and HTML.
 * </ol>
 *
 * <p>Around them: {@link io.faultline.cli.output.ScratchDirectory} for files, {@code CpuPinning}
 * for the cases on one CPU, {@code MachineFacts} for the head of the report.
 */
@NullMarked
package io.faultline.cli.bench;

import org.jspecify.annotations.NullMarked;
