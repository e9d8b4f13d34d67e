/**
 * Runs of pages on the bulk connections: compressed by the sender, assembled and decompressed by
 * the receiver. Everything here is confined to the bulk loop, except the counters.
 *
 * <ul>
 *   <li>{@link io.faultline.proto.runs.CompressionMode}: what the user asked for.
 *   <li>{@link io.faultline.proto.runs.RunCompressor}: compresses one run of pages after another.
 *       The sink of each bulk connection calls it.
 *   <li>{@code CompressionChooser}: picks raw, LZ4 or Zstandard for the next run, from measured
 *       times.
 *   <li>{@code LinkMeter}: measures how many bytes per second the link takes.
 *   <li>{@link io.faultline.proto.runs.CompressionCounters}: pages, bytes and processor time, for
 *       reports and metrics.
 *   <li>{@link io.faultline.proto.runs.RunBuffer}: where the payload of a run is assembled; {@link
 *       io.faultline.proto.runs.RunDecompressor}: checks and decompresses it.
 * </ul>
 */
@NullMarked
package io.faultline.proto.runs;

import org.jspecify.annotations.NullMarked;
