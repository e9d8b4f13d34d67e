/**
 * {@code faultline bench}: the performance figures.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.bench.BenchCommand}: the options; {@code BenchRun}: one run of it.
 *   <li>What is measured: {@code Figure}s (tables) of {@code BenchCase}s (rows), each of which
 *       tells {@code Metric}s (columns). {@code Cases} lists them: {@code PathCases}, {@code
 *       VmCases}, {@code WorkloadCases}, {@code EqualCases}, each with a {@code CaseList}. {@code
 *       Selection}: those that were asked for. {@code Ratio}: what they are held against; {@code
 *       Target}: what they shall be.
 *   <li>Measuring: {@code MigrationCase} is one migration between two JVMs, {@code FloorCase} one
 *       run of the C {@code Floor}, {@code QemuCase} one migration by QEMU ({@link
 *       io.faultline.cli.bench.qemu}); {@code DelayedLinkCase}: the same over a {@code
 *       DelayedLink}; {@code MemoryNeed}, {@code HugePool}: what they must find; {@code Scratch}:
 *       where their files are; {@code Schedule} interleaves them, {@code Samples} keeps what came
 *       out, {@code Spread} is the median and how far it can be trusted; {@code Machine} is what it
 *       was measured on.
 *   <li>Telling: {@code Tables} in {@code TextReport} and, with {@code BarPlot} and {@code
 *       LatencyPlot} in {@code Svg}, in {@code HtmlReport}; {@code JsonReport}.
 * </ul>
 */
@NullMarked
package io.faultline.cli.bench;

import org.jspecify.annotations.NullMarked;
