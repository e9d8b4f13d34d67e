package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.Userfaultfd;

/**
 * Reads faults from userfaultfd and asks for their pages. Runs on the loop that polls the
 * userfaultfd and owns the urgent connection, so that no thread has to be woken in between. Keeps
 * no state: each fault that is read is asked for, even if its page is on the way, and the source
 * drops what it has sent.
 */
final class FaultReader {
  private static final int BATCH = 64;

  private final Userfaultfd userfaultfd;
  private final IncomingRegions regions;
  private final PageRequests requests;
  private final IncomingCounters counters;
  private final EventBuffer events = new EventBuffer(BATCH);

  /** Where requests go. */
  interface PageRequests {
    /** Adds a request. */
    void add(int region, long page);

    /** Sends what was added. */
    void flush();
  }

  FaultReader(
      Userfaultfd userfaultfd,
      IncomingRegions regions,
      PageRequests requests,
      IncomingCounters counters) {
    this.userfaultfd = userfaultfd;
    this.regions = regions;
    this.requests = requests;
    this.counters = counters;
  }

  /**
   * Reads all faults that wait and asks for their pages, a batch at a time. There may be none: the
   * kernel says "readable" before it knows that a fault still has to wait.
   */
  void readFaults() {
    int read;
    do {
      read = userfaultfd.read(events);
      for (int i = 0; i < read; i++) {
        request(i);
      }
      if (read > 0) {
        counters.eventReads.increment();
        counters.faults.add(read);
        requests.flush();
      }
    } while (read == BATCH);
  }

  private void request(int event) {
    if (events.type(event) != EventType.PAGE_FAULT) {
      throw new IllegalStateException(
          "a userfaultfd event that was not asked for: " + events.type(event));
    }
    long address = events.address(event);
    MemoryRegion region = regions.at(address);
    requests.add(region.id(), (address - region.guest().address()) / region.pageBytes());
  }
}
