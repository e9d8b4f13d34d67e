package io.faultline.dest;

import io.faultline.dest.recording.FaultLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.Userfaultfd;
import org.jspecify.annotations.Nullable;

/**
 * Reads faults from userfaultfd and requests their pages. Confined to the control loop, which polls
 * the userfaultfd and owns the urgent connection, so that no thread has to be woken in between.
 * Keeps no state: every fault is requested, even if its page is already on the way; the source
 * drops requests for pages that it has sent. Only faults on pages known to be current are resolved
 * here.
 */
final class FaultReader {
  private static final int BATCH = 64;

  private final Userfaultfd userfaultfd;
  private final IncomingRegions regions;
  private final LocalFaults local;
  private final PageRequests requests;
  private final IncomingCounters counters;
  private final @Nullable FaultLog log;
  private final @Nullable NeededPages needed;
  private final EventBuffer events = new EventBuffer(BATCH);

  /** Resolves faults without the source, if possible. */
  interface LocalFaults {
    /** Maps the page that contains a base page; false if the source must be asked. */
    boolean resolve(MemoryRegion region, long page);
  }

  /** Sends requests to the source. */
  interface PageRequests {
    /** Adds a request for the page of the backing that contains a base page. */
    void add(int region, long page);

    /** Sends the requests that were added. */
    void flush();
  }

  /**
   * @param log records the faults; null for nothing
   * @param needed gets the pages that are requested; null for nothing
   */
  FaultReader(
      Userfaultfd userfaultfd,
      IncomingRegions regions,
      LocalFaults local,
      PageRequests requests,
      IncomingCounters counters,
      @Nullable FaultLog log,
      @Nullable NeededPages needed) {
    this.userfaultfd = userfaultfd;
    this.regions = regions;
    this.local = local;
    this.requests = requests;
    this.counters = counters;
    this.log = log;
    this.needed = needed;
  }

  /**
   * Reads all pending faults and requests their pages, a batch at a time. There may be none: the
   * kernel reports the userfaultfd as readable before it knows that a fault still has to wait.
   */
  void readFaults() {
    int read;
    do {
      read = userfaultfd.read(events);
      long readNanos = read > 0 ? RequestsSentEvent.readNow() : 0;
      if (log != null && read > 0) {
        log.read(read);
      }
      for (int i = 0; i < read; i++) {
        request(i);
      }
      if (read > 0) {
        counters.eventReads.increment();
        counters.faults.add(read);
        requests.flush();
        RequestsSentEvent.commit(read, readNanos);
      }
    } while (read == BATCH);
  }

  private void request(int event) {
    if (events.type(event) != EventType.PAGE_FAULT) {
      throw new IllegalStateException("an unexpected userfaultfd event: " + events.type(event));
    }
    long address = events.address(event);
    MemoryRegion region = regions.at(address);
    long page = (address - region.guest().address()) / region.basePageBytes();
    if (local.resolve(region, page)) {
      counters.localFaults.increment();
      if (log != null) {
        log.resolvedLocally(region, page);
      }
    } else {
      requests.add(region.id(), page);
      if (needed != null) {
        int grain = region.basePagesPerPage();
        needed.requested(region.id(), page - page % grain, grain);
      }
      if (log != null) {
        log.requested(region, page);
      }
    }
  }
}
