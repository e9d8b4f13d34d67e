package io.faultline.restore.frozen;

import java.util.concurrent.atomic.LongAdder;

/** What was requested and sent. Any thread. */
final class SourceCounters {
  final LongAdder requests = new LongAdder();

  /** Those for which a thread waits. */
  final LongAdder urgent = new LongAdder();

  final LongAdder pages = new LongAdder();
  final LongAdder zeroPages = new LongAdder();
  final LongAdder absentPages = new LongAdder();
  final LongAdder bytesSent = new LongAdder();
  final LongAdder connections = new LongAdder();

  /** A report with these numbers. */
  FrozenSourceReport report(
      SourcePhase phase, SourceOutcome outcome, String message, int processes) {
    return new FrozenSourceReport(
        phase,
        outcome,
        message,
        processes,
        requests.sum(),
        pages.sum(),
        zeroPages.sum(),
        absentPages.sum(),
        bytesSent.sum(),
        (int) connections.sum());
  }
}
