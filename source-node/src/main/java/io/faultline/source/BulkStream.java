package io.faultline.source;

import io.faultline.memory.Placement;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.RoundEnd;
import io.faultline.proto.wire.StreamEnd;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the bulk connections of an attempt carry together, in this order: precopy rounds, what to
 * discard, what is stale, the background scan. The next round begins when the one before is in
 * place, so that no page can overtake an older copy of itself on another connection.
 *
 * <p>Belongs to the bulk loop, but for {@link #cutRound} and {@link #stop}.
 */
final class BulkStream {
  /**
   * What the guest needs first has processors and the link for itself for so long. Its first fault
   * takes some 2 ms, in a JVM that meets much of that code for the first time.
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
   * @param timer has {@link #timeUp} called after so many nanoseconds
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

  /** Any thread: sends nothing more. */
  void stop() {
    pump.stop();
  }

  /** Any thread: ends the round that is under way early. */
  void cutRound() {
    cut = true; // in this order, for a round that is just about to start
    PrecopyRound current = round;
    if (current != null) {
      current.cut();
    }
  }

  void sendRound(int number) {
    PrecopyRound next = new PrecopyRound(regions, placement, number == 1, sink, counters);
    round = next;
    if (cut) {
      next.cut();
    }
    pump.start(next, () -> endRound(number));
  }

  private void endRound(int number) {
    mark(
        pages -> {
          RoundEnd end = RoundEnd.newBuilder().setRound(number).setPages(pages).build();
          return Frame.newBuilder().setRoundEnd(end).build();
        });
  }

  /** A round of what to discard, which carries no pages. */
  void discardAhead(int number) {
    pump.start(
        new PageSetWriter(regions, PageSetWriter.Use.DISCARD_AHEAD, sink), () -> endRound(number));
  }

  void sendDiscards() {
    pump.start(new PageSetWriter(regions, PageSetWriter.Use.DISCARD, sink), () -> {});
  }

  /**
   * Begins when the guest has had a head start.
   *
   * @param whenDone called once, when all that is stale is claimed and on its way
   */
  void sendBackground(Runnable whenDone) {
    pump.hold(HEAD_START_NANOS);
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
          mark(
              pages -> {
                StreamEnd end = StreamEnd.newBuilder().setPages(pages).build();
                return Frame.newBuilder().setStreamEnd(end).build();
              });
          whenDone.run();
        });
  }

  private void mark(LongFunction<Frame> each) {
    sink.sendOnEach(each);
    sink.flush();
  }
}
