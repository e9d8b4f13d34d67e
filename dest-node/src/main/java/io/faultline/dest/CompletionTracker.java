package io.faultline.dest;

import io.faultline.proto.WireException;

/**
 * Whether all pages are here, on the connections of one attempt after another, and what the source
 * hears of it. Belongs to the control loop.
 */
final class CompletionTracker {
  private final IncomingLink link;
  private final IncomingCounters counters;
  private StalePageAccount stale = new StalePageAccount(0, 0);
  private boolean sent;

  CompletionTracker(IncomingLink link, IncomingCounters counters) {
    this.link = link;
    this.counters = counters;
  }

  /** So many pages are due. */
  void expect(long pages) {
    stale.expect(pages);
  }

  /** Connections were made anew: they carry what is missing, and are counted from here on. */
  void renew() {
    stale = new StalePageAccount(counters.urgentPages.sum(), counters.pagesPlaced());
  }

  boolean isUrgentEnded() {
    return stale.isUrgentEnded();
  }

  void urgentEnded(long announced) throws WireException {
    stale.urgentEnded(announced, counters.urgentPages.sum());
  }

  void bulkEnded(long announced, long received) throws WireException {
    stale.bulkEnded(announced, received);
  }

  /** Whether the source was told that all is here. */
  boolean isSent() {
    return sent;
  }

  /** Lets go of userfaultfd and tells the source, if all is here. */
  void completeIfAllIsHere() throws WireException {
    if (!sent && stale.areHere()) {
      link.unregister(true);
      sent = true;
      link.send(ControlSender.completed(counters));
    }
  }

  /** What is missing, for a person. */
  String missing(long totalPages) {
    return stale.missing(counters.pagesPlaced(), totalPages);
  }
}
