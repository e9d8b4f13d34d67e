package io.faultline.source;

import io.faultline.memory.Placement;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.RoundEnd;
import io.faultline.proto.wire.StreamEnd;
import io.faultline.source.scan.ScanOrder;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the bulk connections of an attempt carry, in this order: precopy rounds, the
 * pages to discard, the stale set, the background scan. A round starts only after the destination
 * has placed the one before, so that no page can overtake an older copy of itself on another
 * connection.
 *
 * <p>Confined to the bulk loop, except {@link #cutRound} and {@link #stop}.
 */
final class BulkStream {
  /**
   * How long the background scan waits after the VM has started, so that the guest's first faults
   * do not compete with it. The first fault takes some 2 ms, since most of its code runs for the
   * first time in the JVM.
   */
  private static final long HEAD_START_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

  private final OutgoingRegions regions;
  private final Placement placement;
  private final BulkChannels sink;
  private final OutgoingCounters counters;
  private final BulkPump pump;
  private final BackgroundScan scan;
  private volatile @Nullable PrecopyRound round;
  private volatile boolean cut;

  /**
   * @param order of the background scan
   * @param clock in nanoseconds
   * @param timer schedules a call of {@link #timeUp} after this many nanoseconds
   */
  BulkStream(
      OutgoingRegions regions,
      Placement placement,
      BulkChannels sink,
      OutgoingCounters counters,
      RateLimit limit,
      ScanOrder order,
      LongSupplier clock,
      LongConsumer timer) {
    this.regions = regions;
    this.placement = placement;
    this.sink = sink;
    this.counters = counters;
    pump = new BulkPump(sink, limit, clock, timer);
    scan = new BackgroundScan(regions, order, sink, counters);
  }

  void push() {
    pump.push();
  }

  void timeUp() {
    pump.timeUp();
  }

  /** Sends nothing more. Any thread. */
  void stop() {
    pump.stop();
  }

  /** Ends the current round and any later one early. Any thread. */
  void cutRound() {
    cut = true; // before reading round: one may be just about to start
    PrecopyRound current = round;
    if (current != null) {
      current.cut();
    }
  }

  /**
   * Sends a precopy round.
   *
   * @param whenSent called once its end was sent
   */
  void sendRound(int number, Runnable whenSent) {
    PrecopyRound next = new PrecopyRound(regions, placement, number == 1, sink, counters);
    round = next;
    if (cut) {
      next.cut();
    }
    pump.start(next, () -> endRound(number, whenSent));
  }

  private void endRound(int number, Runnable whenSent) {
    sendMarkers(
        pages -> {
          RoundEnd end = RoundEnd.newBuilder().setRound(number).setPages(pages).build();
          return Frame.newBuilder().setRoundEnd(end).build();
        });
    whenSent.run();
  }

  /**
   * Sends a round without pages: the pages to discard.
   *
   * @param whenSent called once its end was sent
   */
  void discardAhead(int number, Runnable whenSent) {
    pump.start(
        new PageSetWriter(regions, PageSetWriter.Use.DISCARD_AHEAD, sink),
        () -> endRound(number, whenSent));
  }

  void sendDiscards() {
    pump.start(new PageSetWriter(regions, PageSetWriter.Use.DISCARD, sink), () -> {});
  }

  /**
   * Starts the background scan, after a head start for the guest; without one if it is known what
   * the guest needs.
   *
   * @param whenDone called once, when all stale pages are claimed and sent
   */
  void sendBackground(Runnable whenDone) {
    if (!regions.expectsAny()) {
      pump.hold(HEAD_START_NANOS);
    }
    if (placement == Placement.CONTINUE) {
      pump.start(
          new PageSetWriter(regions, PageSetWriter.Use.STALE, sink), () -> startScan(whenDone));
    } else {
      startScan(whenDone);
    }
  }

  private void startScan(Runnable whenDone) {
    pump.start(
        scan,
        () -> {
          sendMarkers(
              pages -> {
                StreamEnd end = StreamEnd.newBuilder().setPages(pages).build();
                return Frame.newBuilder().setStreamEnd(end).build();
              });
          whenDone.run();
        });
  }

  private void sendMarkers(LongFunction<Frame> marker) {
    sink.sendMarkers(marker);
    sink.flush();
  }
}
