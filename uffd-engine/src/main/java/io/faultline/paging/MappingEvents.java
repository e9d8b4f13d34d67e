package io.faultline.paging;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;

/**
 * Handles what the application does to the mapping of a region: unmapping or moving it is a mistake
 * that cannot be repaired, so the region is lost, and reported. While such an event is unread, the
 * kernel refuses fills with EAGAIN.
 */
final class MappingEvents {
  private final PagerContext pager;

  MappingEvents(PagerContext pager) {
    this.pager = pager;
  }

  /**
   * Reads all events after a fill was refused with EAGAIN. Faults among them are not served, but
   * their threads woken: they will fault again.
   */
  void drain(WatchedSpace space, Lane lane) {
    EventBuffer events = lane.events;
    int count = space.uffd.read(events);
    for (int i = 0; i < count; i++) {
      if (events.type(i) == EventType.PAGE_FAULT) {
        long page = events.address(i) & -(long) pager.pageBytes();
        space.uffd.wake(page, pager.pageBytes());
      } else {
        handle(space, events, i);
      }
    }
  }

  /** Handles an event that is no fault. */
  void handle(WatchedSpace space, EventBuffer events, int index) {
    switch (events.type(index)) {
      case UNMAP ->
          lose(
              space,
              events.rangeStart(index),
              events.rangeEnd(index),
              "unmapped by the application");
      case REMAP -> {
        long from = events.remapFrom(index);
        lose(space, from, from + events.remapLength(index), "moved by the application (mremap)");
      }
      default -> throw new IllegalStateException("unexpected event " + events.type(index));
    }
  }

  private void lose(WatchedSpace space, long start, long end, String why) {
    for (Region region : space.all()) {
      boolean hit = start < region.address + region.mappedBytes() && end > region.address;
      if (hit && !region.isClosing() && region.lost() == null) {
        region.lose(why);
        pager.report(
            region,
            PagingError.Kind.MAPPING,
            0,
            region.pages,
            region + " was " + why + ": its pages are neither filled nor written any more");
      }
    }
  }
}
