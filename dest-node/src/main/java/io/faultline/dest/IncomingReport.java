package io.faultline.dest;

import org.jspecify.annotations.Nullable;

/**
 * How an incoming migration ended. Times are in nanoseconds, -1 where it did not come to that.
 *
 * @param state {@link IncomingState#COMPLETED} or {@link IncomingState#FAILED}
 * @param vmStarted whether the VM was started here
 * @param error why it failed, for a person; null when completed
 * @param mode how the source migrates
 * @param totalNanos from the source's hello to the end
 * @param postcopyNanos from the first guest instruction to the last page
 * @param totalPages pages of all regions
 * @param placedPages pages placed
 * @param presentPages pages that were there when they were placed
 * @param faults page faults read
 */
public record IncomingReport(
    IncomingState state,
    boolean vmStarted,
    @Nullable String error,
    String mode,
    long totalNanos,
    long postcopyNanos,
    long totalPages,
    long placedPages,
    long presentPages,
    long faults) {

  /** Of a migration that failed before, or without, an account of it. */
  static IncomingReport unknown(String error, boolean vmStarted) {
    return new IncomingReport(IncomingState.FAILED, vmStarted, error, "", -1, -1, 0, 0, 0, 0);
  }
}
