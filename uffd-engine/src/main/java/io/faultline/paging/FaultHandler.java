package io.faultline.paging;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;

/**
 * A thread that polls the userfaultfd, reads one event, and serves it to the end: as many faults
 * are served at once as there are handlers.
 */
final class FaultHandler implements Runnable {
  private static final int POLL_MILLIS = 100;

  private final PagerContext pager;
  private final WatchedSpace space;
  private final FaultService service;
  private final MappingEvents mappingEvents;
  private final Lane lane;
  private final EventBuffer event = new EventBuffer(1);
  private volatile boolean stopped;

  FaultHandler(
      PagerContext pager,
      WatchedSpace space,
      FaultService service,
      MappingEvents mappingEvents,
      Lane lane) {
    this.pager = pager;
    this.space = space;
    this.service = service;
    this.mappingEvents = mappingEvents;
    this.lane = lane;
  }

  Lane lane() {
    return lane;
  }

  /** Ends the thread within the time of a poll. */
  void stop() {
    stopped = true;
  }

  @Override
  public void run() {
    while (!stopped) {
      // before reading: mostly there is no second fault yet, and to find that takes two calls
      space.uffd.awaitReadable(POLL_MILLIS);
      boolean _ = serveNext();
    }
    pager.watch().remove(lane.call);
  }

  /** Reads and serves an event. False if there is none. */
  boolean serveNext() {
    if (space.uffd.read(event) == 0) {
      return false;
    }
    if (event.type(0) == EventType.PAGE_FAULT) {
      serve(event.address(0), event.flags(0));
    } else {
      mappingEvents.handle(space, event, 0);
    }
    return true;
  }

  private void serve(long address, int flags) {
    boolean isProtected = (flags & EventBuffer.FLAG_WRITE_PROTECTED) != 0;
    boolean write = isProtected || (flags & EventBuffer.FLAG_WRITE) != 0;
    pager.count(isProtected ? Counter.PROTECT_FAULTS : Counter.FAULTS, 1);
    Region region = space.find(address);
    if (region == null) { // memory that was moved away, or whose region has just been closed
      service.refuse(space, address & -(long) pager.pageBytes(), lane);
      return;
    }
    long page = region.page(address);
    try {
      service.serve(region, page, write, isProtected, lane);
    } catch (RuntimeException | Error e) { // this thread must go on
      service.refuse(space, region.address(page), lane);
      pager.report(region, PagingError.Kind.READ, page, 1, "fault on page " + page + ": " + e);
    }
  }
}
