package io.faultline.source;

import io.faultline.proto.connect.ReconnectSchedule;

/** Builds the reports of a migration. */
record OutgoingReporter(
    OutgoingMigration migration,
    OutgoingRegions regions,
    OutgoingCounters counters,
    ReconnectSchedule reconnectSchedule) {
  /** The report of a migration that has ended, or has come this far. */
  OutgoingReport report(long nowNanos) {
    OutgoingTimes times = migration.times();
    long endNanos = times.endedNanos == 0 ? nowNanos : times.endedNanos;
    // If this process resumed the migration, it did not see the pause of the VM.
    boolean measured = times.firstInstructionDestinationNanos != 0 && times.pauseNanos != 0;
    ClockOffset offset = migration.handover().clockOffset();
    long firstInstruction = times.firstInstructionDestinationNanos - offset.offsetNanos();
    return new OutgoingReport(
        migration.state(),
        migration.isCommitted(),
        migration.error(),
        OutgoingTimes.between(times.startedNanos, times.preparedNanos),
        OutgoingTimes.between(times.startedNanos, endNanos),
        measured ? firstInstruction - times.pauseNanos : -1,
        measured ? offset.errorNanos() : -1,
        OutgoingTimes.between(times.precopyNanos, times.pauseNanos),
        migration.handover().rounds().count(),
        OutgoingTimes.between(times.pauseRequestNanos, times.pauseNanos),
        OutgoingTimes.between(times.pauseNanos, times.pausedNanos),
        OutgoingTimes.between(times.pausedNanos, times.syncedNanos),
        OutgoingTimes.between(times.syncedNanos, times.copiedNanos),
        OutgoingTimes.between(times.copiedNanos, times.stateReadNanos),
        measured ? times.destinationDiscardNanos : -1,
        measured ? times.destinationLoadNanos : -1,
        measured ? times.destinationStartNanos : -1,
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
            counters.compression.pages().sum(),
            counters.compression.bytesBefore().sum(),
            counters.compression.bytesAfter().sum(),
            counters.compression.nanos().sum()),
        regions.resentPages(),
        reconnectSchedule.recoveries().sum(),
        reconnectSchedule.pausedNanos(endNanos));
  }
}
