package io.faultline.dest;

import io.faultline.memory.Placement;
import org.jspecify.annotations.Nullable;

/**
 * How an incoming migration ended. Times are in nanoseconds, -1 if the migration did not get that
 * far.
 *
 * @param state {@link IncomingState#COMPLETED} or {@link IncomingState#FAILED}
 * @param vmStarted whether the VM was started here
 * @param error why it failed, human-readable; null when completed
 * @param mode how the source migrates
 * @param placement how pages were placed; null if the VM was never described
 * @param totalNanos from the source's hello to the end
 * @param postcopyNanos from the first guest instruction to the last page
 * @param basePageBytes the unit of the page counts
 * @param totalPages pages of all regions
 * @param precopyPages pages received before the VM ran here, some of them several times
 * @param placedPages pages placed after that
 * @param presentPages pages that were already present when they were to be placed
 * @param faults page faults read
 * @param localFaults page faults resolved without the source
 * @param recoveries how often the source reconnected after a lost connection
 * @param pausedNanos how long the migration was paused in total
 */
public record IncomingReport(
    IncomingState state,
    boolean vmStarted,
    @Nullable String error,
    String mode,
    @Nullable Placement placement,
    long totalNanos,
    long postcopyNanos,
    long basePageBytes,
    long totalPages,
    long precopyPages,
    long placedPages,
    long presentPages,
    long faults,
    long localFaults,
    long recoveries,
    long pausedNanos) {

  /** The report of a migration that has a state machine. */
  static IncomingReport of(
      IncomingState state,
      boolean vmStarted,
      @Nullable String error,
      @Nullable PreparedMemory prepared,
      IncomingTimes times,
      IncomingCounters counters,
      SourceLiveness source) {
    long ran = times.firstInstructionNanos;
    return new IncomingReport(
        state,
        vmStarted,
        error,
        prepared == null ? "" : prepared.parameters().mode(),
        prepared == null ? null : prepared.parameters().placement(),
        times.endedNanos - times.startedNanos,
        ran == 0 ? -1 : times.endedNanos - ran,
        prepared == null ? 0 : prepared.basePageBytes(),
        prepared == null ? 0 : prepared.totalPages(),
        counters.precopyPages.sum(),
        counters.pagesPlaced(),
        counters.alreadyPresent.sum(),
        counters.faults.sum(),
        counters.localFaults.sum(),
        source.recoveries(),
        source.pausedNanos(times.endedNanos));
  }

  /** The report of a migration that failed before there was a state machine, or timed out. */
  static IncomingReport unknown(String error, boolean vmStarted) {
    return new IncomingReport(
        IncomingState.FAILED, vmStarted, error, "", null, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }
}
