package io.faultline.source;

import io.faultline.memory.Placement;
import java.util.function.LongConsumer;

/**
 * Makes what sends pages, anew for each attempt: what a stream had in mind for the one before does
 * not count, but what was claimed and the bandwidth limit do.
 */
record OutgoingStreams(
    OutgoingRegions regions,
    Placement placement,
    boolean afterRounds,
    PushOrder pushOrder,
    CompressionMode compression,
    RateLimit limit,
    OutgoingCounters counters) {

  /**
   * Starts the streams of a session that is connected.
   *
   * @param timer has {@link OutgoingSession#timeUp} called after so many nanoseconds
   */
  void start(OutgoingSession session, LongConsumer timer) {
    PageSink control = session.controlSink(counters);
    UrgentPages urgent =
        new UrgentPages(regions, placement == Placement.CONTINUE, control, counters);
    AccessHints hints = new AccessHints();
    FaultDensity density = new FaultDensity(regions, afterRounds);
    ScanOrder order = new ScanOrder(regions, hints, pushOrder);
    RunCompressor compressor =
        new RunCompressor(compression, session.agreed(), limit, counters, System::nanoTime);
    PageSink bulk = session.bulkSink(counters, compressor);
    session.start(
        urgent,
        new GuestFollower(regions, urgent, hints, density, limit, pushOrder.prefetch()),
        new BulkStream(regions, placement, bulk, counters, limit, order, timer));
  }
}
