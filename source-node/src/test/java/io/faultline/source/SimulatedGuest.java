package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.source.scan.Prefetcher;
import io.faultline.source.scan.ScanOrder;
import io.faultline.source.scan.ScanSettings;
import java.util.Arrays;

/**
 * A small migration in simulated time: vCPUs that touch one page after another, a link for
 * requested pages, a bulk link with limited bandwidth, and the real request server, prefetcher and
 * background scan of the source. A vCPU that touches a page before it has arrived takes a fault and
 * waits.
 */
final class SimulatedGuest {
  /** From a request to its answer, including the work of both sides. */
  private static final long ROUND_TRIP_NANOS = 100_000;

  /** The time that the destination takes to place a page. */
  private static final long PLACING_NANOS = 1_000;

  private static final long TOUCH_NANOS = 200;
  private static final long BYTES_PER_SECOND = 200 << 20;
  private static final int PAGE_BYTES = 4096;
  private static final int NEVER = -1;

  private final PageRequestServer server;
  private final Prefetcher prefetcher;
  private final BackgroundScan scan;
  private final RateLimit limit = new RateLimit(BYTES_PER_SECOND);
  private final Vcpu[] vcpus;
  private final long[] arrivals;
  private final boolean[] touched;
  private long urgentFreeNanos;
  private long bulkFreeNanos;
  private long bulkNanos;
  private boolean bulkDone;
  private long faults;
  private long blockedNanos;

  /** Which pages a vCPU touches. */
  interface Program {
    int nextPage();
  }

  private static final class Vcpu {
    private final Program program;
    private long nanos;
    private int waitsFor = NEVER;

    private Vcpu(Program program) {
      this.program = program;
    }
  }

  /**
   * @param regions a single region, after the switchover
   * @param afterRounds whether there were precopy rounds
   */
  SimulatedGuest(
      OutgoingRegions regions, ScanSettings settings, boolean afterRounds, Program... vcpus) {
    this.vcpus = Arrays.stream(vcpus).map(Vcpu::new).toArray(Vcpu[]::new);
    MemoryRegion ram = regions.get(0).memory();
    arrivals = new long[Math.toIntExact(ram.basePageCount())];
    touched = new boolean[arrivals.length];
    for (int page = 0; page < arrivals.length; page++) {
      arrivals[page] = regions.get(0).sent().get(page) ? 0 : Long.MAX_VALUE;
    }
    OutgoingCounters counters = new OutgoingCounters();
    server =
        new PageRequestServer(regions, false, new TimedPageSink(this::urgentArrives), counters);
    ScanOrder order = new ScanOrder(regions.all(), settings);
    prefetcher =
        new Prefetcher(
            regions.all(), order, server, limit::alsoSent, afterRounds, settings.prefetch(), true);
    scan = new BackgroundScan(regions, order, new TimedPageSink(this::bulkArrives), counters);
  }

  /** Runs until all pages have arrived; returns how long that took, in nanoseconds. */
  long run() throws Exception {
    while (!bulkDone) {
      Vcpu first = vcpus[0];
      for (Vcpu vcpu : vcpus) {
        first = vcpu.nanos < first.nanos ? vcpu : first;
      }
      if (bulkNanos <= first.nanos) {
        push();
      } else {
        step(first);
      }
    }
    return Math.max(bulkFreeNanos, urgentFreeNanos);
  }

  long faults() {
    return faults;
  }

  long blockedNanos() {
    return blockedNanos;
  }

  /** Distinct pages that the guest has touched. */
  long pagesTouched() {
    long count = 0;
    for (boolean each : touched) {
      count += each ? 1 : 0;
    }
    return count;
  }

  private void push() {
    long delay = limit.delayNanos(bulkNanos);
    if (delay > 0) {
      bulkNanos += delay;
      return;
    }
    bulkFreeNanos = Math.max(bulkFreeNanos, bulkNanos);
    long sent = scan.sendNext();
    bulkDone = sent == 0;
    limit.sent(sent, bulkNanos);
  }

  private void step(Vcpu vcpu) throws Exception {
    int page = vcpu.waitsFor == NEVER ? vcpu.program.nextPage() : vcpu.waitsFor;
    vcpu.waitsFor = NEVER;
    touched[page] = true;
    if (arrivals[page] <= vcpu.nanos) {
      vcpu.nanos += TOUCH_NANOS;
      return;
    }
    faults++;
    urgentFreeNanos = Math.max(urgentFreeNanos, vcpu.nanos + ROUND_TRIP_NANOS);
    server.serve(0, page);
    prefetcher.requested(0, page);
    do { // the guest waits meanwhile
      var _ = prefetcher.followUp();
    } while (prefetcher.hasMore());
    long woken = Math.max(arrivals[page], vcpu.nanos + PLACING_NANOS);
    blockedNanos += woken - vcpu.nanos;
    vcpu.nanos = woken;
    vcpu.waitsFor = page;
  }

  private void urgentArrives(long first, int count) {
    urgentFreeNanos += count * PLACING_NANOS;
    Arrays.fill(arrivals, (int) first, (int) first + count, urgentFreeNanos);
  }

  private void bulkArrives(long first, int count) {
    bulkFreeNanos += count * (long) PAGE_BYTES * 1_000_000_000L / BYTES_PER_SECOND;
    Arrays.fill(arrivals, (int) first, (int) first + count, bulkFreeNanos);
  }
}
