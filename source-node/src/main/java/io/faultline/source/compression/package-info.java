/**
 * Compression of pages on the bulk connections. Everything here is confined to the bulk loop,
 * except the counters.
 *
 * <ul>
 *   <li>{@link io.faultline.source.compression.CompressionMode}: what the user asked for.
 *   <li>{@link io.faultline.source.compression.RunCompressor}: compresses one run of pages after
 *       another. The sink of each bulk connection calls it.
 *   <li>{@code CompressionChooser}: picks raw, LZ4 or Zstandard for the next run, from measured
 *       times.
 *   <li>{@code LinkMeter}: measures how many bytes per second the link takes.
 *   <li>{@link io.faultline.source.compression.CompressionCounters}: pages, bytes and processor
 *       time, for reports and metrics.
 * </ul>
 */
@NullMarked
package io.faultline.source.compression;

import org.jspecify.annotations.NullMarked;
