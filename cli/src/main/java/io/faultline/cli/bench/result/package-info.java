/**
 * What is measured, and the measured values.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.bench.result.ResultTable}: a table; its rows are {@link
 *       io.faultline.cli.bench.result.BenchCase}s, its columns {@link
 *       io.faultline.cli.bench.result.Metric}s.
 *   <li>{@link io.faultline.cli.bench.result.Samples}: the values of every run of every case; a
 *       {@link io.faultline.cli.bench.result.Summary} is their median and range.
 *   <li>{@link io.faultline.cli.bench.result.BenchResult}: a whole run, for the reports. {@link
 *       io.faultline.cli.bench.result.Ratio}: one case divided by another. {@link
 *       io.faultline.cli.bench.result.Target}: a limit for a value or a ratio.
 * </ul>
 */
@NullMarked
package io.faultline.cli.bench.result;

import org.jspecify.annotations.NullMarked;
