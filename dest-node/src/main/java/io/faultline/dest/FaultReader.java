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
  private @Nullable LentUserfaultfd lent;

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

  /** Sets what gets write faults; null for nothing: no page is protected. */
  void setLent(@Nullable LentUserfaultfd to) {
    lent = to;
  }

  /**
   * Reads all pending faults and requests their pages, a batch at a time. There may be none: the
   * kernel reports the userfaultfd as readable before it knows that a fault still has to wait.
   */
  void readFaults() {
    int read;
    do {
      read = userfaultfd.read(events);
      int missing = read - passWriteFaults();
      long readNanos = missing > 0 ? RequestsSentEvent.readNow() : 0;
      if (log != null && missing > 0) {
        log.read(missing);
      }
      for (int i = 0; i < read; i++) {
        if (!isWriteFault(i)) {
          request(i);
        }
      }
      if (missing > 0) {
        counters.eventReads.increment();
        counters.faults.add(missing);
        requests.flush();
        RequestsSentEvent.commit(missing, readNanos);
      }
    } while (read == BATCH);
  }

  /** Passes write faults on, and returns how many there are. */
  private int passWriteFaults() {
    int count = 0;
    for (int i = 0; i < events.size(); i++) {
      if (isWriteFault(i)) {
        count++;
        if (lent != null) {
          lent.faulted(events.address(i));
        } else { // its protection was removed meanwhile
          userfaultfd.wake(events.address(i), regions.at(events.address(i)).pageBytes());
        }
      }
    }
    return count;
  }

  private boolean isWriteFault(int event) {
    if (events.type(event) != EventType.PAGE_FAULT) {
      throw new IllegalStateException("an unexpected userfaultfd event: " + events.type(event));
    }
    return (events.flags(event) & EventBuffer.FLAG_WRITE_PROTECTED) != 0;
  }

  private void request(int event) {
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
