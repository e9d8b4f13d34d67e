package io.faultline.source;

/**
 * How far an outgoing migration is, at one moment.
 *
 * @param state where it stands
 * @param pagesSent pages sent, with or without data
 * @param totalPages pages of all regions
 * @param requests page requests received, which is about the faults at the destination
 * @param bytesSent bytes of page frames
 * @param outage why there is no connection, and what comes next, for a person; empty where there is
 *     one
 */
public record OutgoingProgress(
    OutgoingState state,
    long pagesSent,
    long totalPages,
    long requests,
    long bytesSent,
    String outage) {

  static OutgoingProgress of(
      OutgoingState state, OutgoingRegions regions, OutgoingCounters counters, String outage) {
    long current = regions.totalPages() - regions.stalePages() - regions.resentPages();
    return new OutgoingProgress(
        state,
        state.isCommitted()
            ? current + counters.pagesSent()
            : Math.min(regions.totalPages(), counters.precopied()),
        regions.totalPages(),
        counters.requests.sum(),
        counters.bytesSent.sum(),
        outage);
  }
}
