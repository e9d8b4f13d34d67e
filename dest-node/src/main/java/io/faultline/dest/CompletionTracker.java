package io.faultline.dest;

import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Phase;

/**
 * Decides when all pages have arrived, over consecutive attempts, and notifies the source. Confined
 * to the control loop.
 */
final class CompletionTracker {
  private final IncomingLink link;
  private final IncomingCounters counters;
  private PostcopyPageCount pages = new PostcopyPageCount(0, 0);
  private boolean sent;

  CompletionTracker(IncomingLink link, IncomingCounters counters) {
    this.link = link;
    this.counters = counters;
  }

  /** Sets how many pages this attempt must bring. */
  void expect(long count) {
    pages.expect(count);
  }

  /** The source has reconnected: the new connections carry the missing pages, counted from 0. */
  void renew() {
    pages = new PostcopyPageCount(counters.urgentPages.sum(), counters.pagesPlaced());
  }

  boolean isUrgentEnded() {
    return pages.isUrgentEnded();
  }

  void urgentEnded(long announced) throws WireException {
    pages.urgentEnded(announced, counters.urgentPages.sum());
  }

  void bulkEnded(long announced, long received) throws WireException {
    pages.bulkEnded(announced, received);
  }

  /** Whether COMPLETED was sent. */
  boolean isSent() {
    return sent;
  }

  /** What a source that has reconnected must know. */
  Phase phase(boolean vmStarted) {
    return sent ? Phase.PHASE_COMPLETED : vmStarted ? Phase.PHASE_RUNNING : Phase.PHASE_READY;
  }

  /** If all pages have arrived, and no snapshot needs it: closes userfaultfd, sends COMPLETED. */
  void completeIfAllArrived() throws WireException {
    if (!sent && pages.haveAllArrived() && !link.isMemoryLent()) {
      link.enter(TakeOverStage.COMPLETE);
      link.unregister(true);
      sent = true;
      link.send(ControlFrames.completed(counters));
    }
  }

  /** All pages have arrived at another process, which may have told the source. */
  void takenOver() {
    sent = true;
  }

  /** How many pages are missing; -1 if it is not known yet. */
  long missing() {
    return pages.missing(counters.pagesPlaced());
  }

  /** A human-readable count of the missing pages. */
  String missing(long totalPages) {
    return pages.missing(counters.pagesPlaced(), totalPages);
  }
}
