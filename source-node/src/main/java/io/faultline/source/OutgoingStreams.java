package io.faultline.source;

import io.faultline.memory.Placement;
import io.faultline.proto.runs.RunCompressor;
import io.faultline.source.scan.Prefetcher;
import io.faultline.source.scan.ScanOrder;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Creates the objects that send pages, new for each attempt. The sent bitmap, the rate limit and
 * the counters carry over from one attempt to the next, everything else does not.
 */
record OutgoingStreams(
    SourceSettings settings,
    OutgoingRegions regions,
    RateLimit limit,
    OutgoingCounters counters,
    LongSupplier clock) {

  /**
   * Starts the streams of a session whose connections are established.
   *
   * @param timer schedules a call of {@link OutgoingSession#timeUp} after this many nanoseconds
   */
  void start(OutgoingSession session, LongConsumer timer) {
    Placement placement = settings.placement();
    boolean isContinue = placement == Placement.CONTINUE;
    PageRequestServer server =
        new PageRequestServer(regions, isContinue, session.controlSink(counters), counters);
    ScanOrder order = new ScanOrder(regions.all(), settings.scanSettings());
    Prefetcher prefetcher =
        new Prefetcher(
            regions.all(),
            order,
            server,
            limit::alsoSent,
            settings.mode().hasRounds(),
            settings.scanSettings().prefetch(),
            settings.scanSettings().blockPrefetch());
    RunCompressor compressor =
        new RunCompressor(
            settings.wire().compression(),
            session.agreed(),
            limit::bytesPerSecond,
            counters.compression,
            clock);
    BulkChannels bulk = session.bulkChannels(counters, compressor);
    session.start(
        server,
        prefetcher,
        new BulkStream(regions, placement, bulk, counters, limit, order, clock, timer));
  }
}
