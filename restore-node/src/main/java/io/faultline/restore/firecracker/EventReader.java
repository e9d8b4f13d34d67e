package io.faultline.restore.firecracker;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.Userfaultfd;

/**
 * Reads the events of a userfaultfd. Memory that the guest gives back (REMOVE) becomes zeros at
 * once, before any fault of the same batch is resolved: a fault that was read together with a
 * REMOVE may be older or younger, and a copy of the file after the kernel has dropped the page
 * would stay.
 *
 * <p>Confined to the VM's thread.
 */
final class EventReader {
  /** Events in one read. */
  static final int EVENTS = 64;

  /** Reads in succession; what is left makes fills fail until the next ones. */
  private static final int READS = 16;

  private final Userfaultfd userfaultfd;
  private final GuestRegions regions;
  private final ZeroedPages zeroed;
  private final WaitingFaults faults;
  private final VmCounters counters;
  private final EventBuffer events = new EventBuffer(EVENTS);

  EventReader(
      Userfaultfd userfaultfd,
      GuestRegions regions,
      ZeroedPages zeroed,
      WaitingFaults faults,
      VmCounters counters) {
    this.userfaultfd = userfaultfd;
    this.regions = regions;
    this.zeroed = zeroed;
    this.faults = faults;
    this.counters = counters;
  }

  /**
   * Reads the events that wait.
   *
   * @return whether there were any
   */
  boolean read() {
    int read = userfaultfd.read(events);
    apply(events);
    boolean any = read > 0;
    for (int i = 1; i < READS && read == EVENTS; i++) {
      read = userfaultfd.read(events);
      apply(events);
    }
    return any;
  }

  /** Applies events that were read, maybe by an earlier handler. */
  void apply(EventBuffer batch) {
    for (int i = 0; i < batch.size(); i++) {
      switch (batch.type(i)) {
        case PAGE_FAULT -> {
          counters.faults++;
          faults.add(batch.address(i));
        }
        case REMOVE -> {
          counters.removes++;
          zeroed.addRemoved(regions, batch.rangeStart(i), batch.rangeEnd(i));
        }
        case FORK, REMAP, UNMAP ->
            throw new IllegalStateException(batch.type(i) + " was not asked for");
      }
    }
  }
}
