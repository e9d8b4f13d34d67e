package io.faultline.cli.recording;

import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * What was recorded of a lazy restore.
 *
 * @param phases in their order; each ends when the next one starts
 * @param endNanos when the last one ended, by the same clock
 * @param samples the pages that were placed, and those that were missing, over time
 * @param latencyNanos how long threads waited for a page
 */
public record RestoreRecording(
    List<Phase> phases, long endNanos, Samples samples, Histogram latencyNanos) {
  /** A state, and when it was entered. */
  public record Phase(String name, long startNanos) {}
}
