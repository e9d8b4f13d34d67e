package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.Kernel;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Whether placing is paused because the kernel has no memory for a page, on either loop: since
 * when, and what the user is told about it. Reads no clock of its own.
 *
 * <p>Thread-safe.
 */
final class MemoryShortage {
  private static final long FIRST_REMINDER_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long REMINDER_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Kernel kernel;
  private final LongSupplier clock;
  private final Consumer<String> log;
  private final IncomingCounters counters;
  private int loopsWaiting;
  private long sinceNanos;
  private long countedNanos;
  private long reminderNanos;
  private String what = "";
  private boolean closed;

  /**
   * @param clock in nanoseconds
   * @param log gets a line when placing pauses, while it stays paused, and when it continues
   */
  MemoryShortage(
      Kernel kernel, LongSupplier clock, Consumer<String> log, IncomingCounters counters) {
    this.kernel = kernel;
    this.clock = clock;
    this.log = log;
    this.counters = counters;
  }

  /** A loop has no memory for the page at this offset of a region. */
  synchronized void begins(MemoryRegion region, long offset) {
    if (loopsWaiting++ > 0 || closed) {
      return;
    }
    long now = clock.getAsLong();
    sinceNanos = now;
    countedNanos = now;
    reminderNanos = now + FIRST_REMINDER_NANOS;
    what = describe(kernel, region, offset);
    counters.memoryWaits.increment();
    log.accept("paused placing: " + what + "; retrying until there is memory");
  }

  /** Nothing waits for memory on that loop any more. */
  synchronized void ends() {
    if (--loopsWaiting > 0 || closed) {
      return;
    }
    long now = clock.getAsLong();
    count(now);
    log.accept(
        "memory is there again: placing continues after " + seconds(now - sinceNanos) + " s");
  }

  /** Called regularly: reminds the user, and keeps the meters up to date. */
  synchronized void tick(long nowNanos) {
    if (!isPresent()) {
      return;
    }
    count(nowNanos);
    if (nowNanos - reminderNanos >= 0) {
      reminderNanos = nowNanos + REMINDER_NANOS;
      log.accept("still paused placing, for " + seconds(nowNanos - sinceNanos) + " s: " + what);
    }
  }

  /** Whether something waits for memory. */
  synchronized boolean isPresent() {
    return loopsWaiting > 0 && !closed;
  }

  /** Nothing is placed any more: what still waits was dropped. */
  synchronized void close() {
    if (isPresent()) {
      count(clock.getAsLong());
    }
    closed = true;
  }

  /** Whether memory has been short for longer than {@code mostNanos}; 0 for no limit. */
  synchronized boolean lasts(long mostNanos, long nowNanos) {
    return mostNanos > 0 && isPresent() && nowNanos - sinceNanos > mostNanos;
  }

  /** Why the VM was given up, human-readable. */
  synchronized String timeoutMessage(long nowNanos) {
    return "gave up after " + seconds(nowNanos - sinceNanos) + " s without memory: " + what;
  }

  private void count(long nowNanos) {
    counters.memoryWaitNanos.add(nowNanos - countedNanos);
    countedNanos = nowNanos;
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.1f", nanos / 1e9);
  }

  /** Which page has no memory, and which limit was reached as far as it can be seen. */
  static String describe(Kernel kernel, MemoryRegion region, long offset) {
    return "no memory for page "
        + offset / region.pageBytes()
        + " of region "
        + region.name()
        + " ("
        + limit(kernel, region)
        + ")";
  }

  private static String limit(Kernel kernel, MemoryRegion region) {
    if (region.backing().pageSize().isHuge()) {
      return kernel
          .hugePagePool(region.backing().pageSize())
          .map(MemoryShortage::limit)
          .orElse("this machine has no pool of huge pages");
    }
    if (region.backing().path() != null) {
      return "the file system of " + region.backing().path() + " may be full";
    }
    return "the machine has "
        + (kernel.availableMemoryBytes() >> 20)
        + " MiB available; a control group or vm.overcommit_memory may allow less";
  }

  private static String limit(HugePagePool pool) {
    return pool.free() == 0
        ? "the pool of huge pages is exhausted: enlarge it, with " + pool.commandFor(1)
        : "the pool has "
            + pool.free()
            + " free huge pages, but the limit of the control group (hugetlb.*.max) or of the"
            + " hugetlbfs is reached";
  }
}
