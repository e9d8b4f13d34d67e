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
 * @param setupNanos from the source's hello until memory was prepared
 * @param discardNanos discarding pages, with placement copy after precopy
 * @param loadNanos part of the downtime: from the arrival of the device state to READY
 * @param startNanos part of the downtime: from the arrival of RUN to the first guest instruction
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
 * @param memoryWaits how often placing was paused for lack of memory
 * @param memoryWaitNanos for how long in total
 */
public record IncomingReport(
    IncomingState state,
    boolean vmStarted,
    @Nullable String error,
    String mode,
    @Nullable Placement placement,
    long totalNanos,
    long setupNanos,
    long discardNanos,
    long loadNanos,
    long startNanos,
    long postcopyNanos,
    long basePageBytes,
    long totalPages,
    long precopyPages,
    long placedPages,
    long presentPages,
    long faults,
    long localFaults,
    long recoveries,
    long pausedNanos,
    long memoryWaits,
    long memoryWaitNanos) {
  /** No source has connected. */
  static final IncomingReport LISTENING = empty(IncomingState.LISTENING, null, false);

  /** The report of a migration that has a state machine. */
  static IncomingReport of(
      IncomingState state,
      boolean vmStarted,
      @Nullable String error,
      @Nullable PreparedMemory prepared,
      IncomingTimes times,
      IncomingCounters counters,
      SourceLiveness source,
      long nowNanos) {
    long ran = times.firstInstructionNanos;
    long ended = times.endedNanos == 0 ? nowNanos : times.endedNanos;
    return new IncomingReport(
        state,
        vmStarted,
        error,
        prepared == null ? "" : prepared.parameters().mode(),
        prepared == null ? null : prepared.parameters().placement(),
        ended - times.startedNanos,
        IncomingTimes.between(times.startedNanos, times.preparedNanos),
        times.discardNanos == 0 ? -1 : times.discardNanos,
        IncomingTimes.between(times.stateArrivedNanos, times.readyNanos),
        IncomingTimes.between(times.runNanos, ran),
        IncomingTimes.between(ran, ended),
        prepared == null ? 0 : prepared.basePageBytes(),
        prepared == null ? 0 : prepared.totalPages(),
        counters.precopyPages.sum(),
        counters.pagesPlaced(),
        counters.alreadyPresent.sum(),
        counters.faults.sum(),
        counters.localFaults.sum(),
        source.recoveries(),
        source.pausedNanos(ended),
        counters.memoryWaits.sum(),
        counters.memoryWaitNanos.sum());
  }

  /** The report of a migration that failed before there was a state machine, or timed out. */
  static IncomingReport unknown(String error, boolean vmStarted) {
    return empty(IncomingState.FAILED, error, vmStarted);
  }

  private static IncomingReport empty(
      IncomingState state, @Nullable String error, boolean vmStarted) {
    return new IncomingReport(
        state, vmStarted, error, "", null, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }
}
