package io.faultline.source;

import io.faultline.memory.Placement;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Makes what sends pages, anew for each attempt: what a stream had in mind for the one before does
 * not count, but what was claimed and the bandwidth limit do.
 */
record OutgoingStreams(
    SourceSettings settings,
    OutgoingRegions regions,
    RateLimit limit,
    OutgoingCounters counters,
    LongSupplier clock) {

  /**
   * Starts the streams of a session that is connected.
   *
   * @param timer has {@link OutgoingSession#timeUp} called after so many nanoseconds
   */
  void start(OutgoingSession session, LongConsumer timer) {
    Placement placement = settings.placement();
    ScanSettings scanSettings = settings.scanSettings();
    PageSink control = session.controlSink(counters);
    PageRequestServer urgent =
        new PageRequestServer(regions, placement == Placement.CONTINUE, control, counters);
    AccessHints hints = new AccessHints();
    FaultDensity density = new FaultDensity(regions, settings.mode().hasRounds());
    ScanOrder order = new ScanOrder(regions, hints, scanSettings);
    CompressionMode mode = settings.wire().compression();
    RunCompressor compressor = new RunCompressor(mode, session.agreed(), limit, counters, clock);
    BulkChannels bulk = session.bulkChannels(counters, compressor);
    session.start(
        urgent,
        new Prefetcher(regions, urgent, hints, density, limit, scanSettings.prefetch()),
        new BulkStream(regions, placement, bulk, counters, limit, order, clock, timer));
  }
}
