/**
 * Results of a migration. Both nodes report the same JSON object, each with the keys that it knows.
 *
 * <ul>
 *   <li>{@link io.faultline.cli.report.ProgressView}: the progress bar during the migration; {@link
 *       io.faultline.cli.report.PagingView}: of a paged VM.
 *   <li>{@link io.faultline.cli.report.SourceResult}, {@link io.faultline.cli.report.DestResult}:
 *       the report of a node as JSON; {@link io.faultline.cli.report.VmResult} and {@link
 *       io.faultline.cli.report.ProcessUsage} add what the VM observed and what the process used.
 *       {@link io.faultline.cli.report.LatencyResult}: of faults. {@link
 *       io.faultline.cli.report.PagingResult}: of a VM's pager. {@code JsonNumbers} rounds.
 *   <li>{@link io.faultline.cli.report.ResultFile}: writes and reads results; {@link
 *       io.faultline.cli.report.Results} merges those of both nodes.
 *   <li>{@link io.faultline.cli.report.Summary}: prints a result as text.
 * </ul>
 */
@NullMarked
package io.faultline.cli.report;

import org.jspecify.annotations.NullMarked;
