package io.faultline.dest;

import java.util.concurrent.atomic.LongAdder;

/** The counters of an incoming migration. Thread-safe. */
final class IncomingCounters {
  final LongAdder faults = new LongAdder();
  final LongAdder eventReads = new LongAdder();
  final LongAdder localFaults = new LongAdder();
  final LongAdder precopyPages = new LongAdder();
  final LongAdder urgentPages = new LongAdder();
  final LongAdder bulkPages = new LongAdder();
  final LongAdder alreadyPresent = new LongAdder();
  final LongAdder recoveries = new LongAdder();
  final LongAdder admittedBytes = new LongAdder();
  final LongAdder damagedRuns = new LongAdder();
  final LongAdder memoryWaits = new LongAdder();
  final LongAdder memoryWaitNanos = new LongAdder();

  long pagesPlaced() {
    return urgentPages.sum() + bulkPages.sum();
  }
}
