/**
 * The report of one migration as an HTML page: {@link io.faultline.cli.report.page.ReportPage}
 * draws a {@link io.faultline.cli.recording.MigrationRecording} and the JSON result; {@link
 * io.faultline.cli.report.page.Reports} writes it where {@code --report} says.
 *
 * <ul>
 *   <li>{@code Timeline}: each {@code Track} on one {@code TimeAxis}. {@code PhaseTrack} ({@code
 *       Phases} knows what each side did when), {@code ThroughputTrack}, {@code RemainingTrack},
 *       {@code DirtyRateTrack}, {@code FaultTrack} (many faults as a {@code FaultGrid}), {@code
 *       BlockedTrack}. {@code Bins} divides sums over time among pixels, {@code Scale} draws the
 *       vertical axis.
 *   <li>{@code SwitchoverChart}: the parts of the downtime.
 *   <li>{@code MemoryMap}: what arrived where, by which way ({@code CellShares}) and when.
 *   <li>{@code KeyFigures}, {@code Numbers} with {@code NumberRows}: the JSON result.
 *   <li>{@code Ways}: names, explanations and styles of ways and of kinds of faults; {@code Units}
 *       formats numbers. Colours are in {@code report.css}.
 *   <li>{@link io.faultline.cli.report.page.RestorePage}: the report of a lazy restore, of a {@link
 *       io.faultline.cli.recording.RestoreRecording}, with a {@code LatencyChart}; {@code
 *       PageStyle}: the start of each page.
 * </ul>
 */
@NullMarked
package io.faultline.cli.report.page;

import org.jspecify.annotations.NullMarked;
