package io.faultline.source;

/** Tells how a migration stands, and how it ended. */
final class OutgoingReporter {
  private OutgoingReporter() {}

  /**
   * How far it is, at one moment.
   *
   * @param now where it stands
   */
  static OutgoingProgress progress(
      OutgoingState now,
      OutgoingRegions regions,
      OutgoingCounters counters,
      Outage outage,
      long nowNanos) {
    long current = regions.totalPages() - regions.stalePages() - regions.resentPages();
    return new OutgoingProgress(
        now,
        now.isCommitted()
            ? current + counters.pagesSent()
            : Math.min(regions.totalPages(), counters.precopied()),
        regions.totalPages(),
        counters.requests.sum(),
        counters.bytesSent.sum(),
        outage.tell(nowNanos));
  }

  static OutgoingReport of(
      OutgoingMigration migration,
      OutgoingRegions regions,
      OutgoingCounters counters,
      ReconnectSchedule reconnectSchedule) {
    OutgoingTimes times = migration.times();
    // A process that took the migration up was not there when the VM was paused.
    boolean ran = times.firstInstructionDestinationNanos != 0 && times.pauseNanos != 0;
    ClockOffset offset = migration.clockOffset();
    long firstInstruction = times.firstInstructionDestinationNanos - offset.offsetNanos();
    return new OutgoingReport(
        migration.state(),
        migration.isCommitted(),
        migration.error(),
        OutgoingTimes.between(times.startedNanos, times.preparedNanos),
        OutgoingTimes.between(times.startedNanos, times.endedNanos),
        ran ? firstInstruction - times.pauseNanos : -1,
        ran ? offset.errorNanos() : -1,
        OutgoingTimes.between(times.precopyNanos, times.pauseNanos),
        migration.rounds(),
        OutgoingTimes.between(times.pauseNanos, times.pausedNanos),
        OutgoingTimes.between(times.pausedNanos, times.syncedNanos),
        OutgoingTimes.between(times.syncedNanos, times.copiedNanos),
        OutgoingTimes.between(times.copiedNanos, times.stateReadNanos),
        ran ? times.destinationDiscardNanos : -1,
        ran ? times.destinationLoadNanos : -1,
        ran ? times.destinationStartNanos : -1,
        regions.totalPages(),
        counters.precopyPages.sum(),
        migration.isCommitted() ? regions.totalPages() - regions.stalePages() : 0,
        counters.urgentPages.sum(),
        counters.prefetchedPages.sum(),
        counters.backgroundPages.sum(),
        counters.zeroPages.sum(),
        counters.requests.sum(),
        counters.duplicateRequests.sum(),
        counters.currentAnswers.sum(),
        counters.bytesSent.sum(),
        counters.channelBytes(migration.settings().wire().channels()),
        new OutgoingReport.Compression(
            migration.settings().wire().compression(),
            counters.compressedPages.sum(),
            counters.bytesBeforeCompression.sum(),
            counters.bytesAfterCompression.sum(),
            counters.compressNanos.sum()),
        regions.resentPages(),
        reconnectSchedule.recoveries().sum(),
        reconnectSchedule.pausedNanos(times.endedNanos));
  }
}
