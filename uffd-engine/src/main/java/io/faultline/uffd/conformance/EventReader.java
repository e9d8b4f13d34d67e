package io.faultline.uffd.conformance;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.Userfaultfd;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Reads the events of one userfaultfd one by one, with a time limit. */
final class EventReader {
  private static final long PAUSE_NANOS = 50_000;

  private final Userfaultfd uffd;
  private final EventBuffer buffer = new EventBuffer(1);

  EventReader(Userfaultfd uffd) {
    this.uffd = uffd;
  }

  /** Waits for an event, which is at index 0 of the returned buffer. */
  EventBuffer next() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CaseContext.LIMIT_SECONDS);
    while (System.nanoTime() < deadline) {
      if (uffd.read(buffer) > 0) {
        return buffer;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    throw new ExpectationFailedException("no event within " + CaseContext.LIMIT_SECONDS + " s");
  }

  /** Waits for an event of a type. */
  EventBuffer next(EventType type) throws InterruptedException {
    EventBuffer event = next();
    Expect.same("event", type, event.type(0));
    return event;
  }

  /** Waits for a page fault with these flags on the page at an address. */
  EventBuffer fault(long address, int flags) throws InterruptedException {
    EventBuffer event = next(EventType.PAGE_FAULT);
    Expect.equal("fault address", address, event.address(0));
    Expect.equal("fault flags", flags, event.flags(0));
    return event;
  }

  /** Expects that no event is waiting. */
  void none() {
    if (uffd.read(buffer) > 0) {
      throw new ExpectationFailedException("unexpected event " + buffer.type(0));
    }
  }
}
