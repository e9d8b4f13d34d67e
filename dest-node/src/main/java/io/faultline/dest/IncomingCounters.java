package io.faultline.dest;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
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

  long pagesPlaced() {
    return urgentPages.sum() + bulkPages.sum();
  }

  void register(MeterRegistry registry) {
    counter(registry, "faults", "Page faults read from userfaultfd", faults);
    counter(registry, "fault.reads", "Reads of userfaultfd that returned faults", eventReads);
    counter(registry, "faults.local", "Faults resolved without the source", localFaults);
    counter(registry, "pages.precopy", "Pages received before the VM ran here", precopyPages);
    counter(registry, "pages.placed.urgent", "Pages placed by the fault reader", urgentPages);
    counter(registry, "pages.placed.bulk", "Pages placed by the background transfer", bulkPages);
    counter(registry, "recoveries", "Recoveries after a lost connection", recoveries);
    counter(
        registry, "pages.present", "Pages that were already present when placed", alreadyPresent);
  }

  private static void counter(
      MeterRegistry registry, String name, String description, LongAdder value) {
    FunctionCounter.builder("faultline." + name, value, LongAdder::sum)
        .description(description)
        .register(registry);
  }
}
