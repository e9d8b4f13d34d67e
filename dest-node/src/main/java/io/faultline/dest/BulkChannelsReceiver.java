package io.faultline.dest;

import io.faultline.dest.received.ReceivedSnapshot;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.PageSet;
import io.faultline.proto.wire.RoundEnd;
import java.util.BitSet;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the bulk connections of an attempt bring, each in its order. A round, and the stream, have
 * ended when their ends have come on all of them: each goes behind all that its connection carries
 * before it. Belongs to the bulk loop; what the state machine must know goes there as events.
 */
final class BulkChannelsReceiver {
  private final RegisteredMemory registered;
  private final Executor loop;
  private final LongSupplier clock;
  private final Events events;
  private final DiscardBatch discards;
  private PageSetReader discardSet;
  private long discardedPages;
  private final PageSetReader stale;
  private final boolean recovered;
  private @Nullable CurrentMapper mapper;
  private final int channels;

  /** The connections on which the end of the round, or of the stream, has come. */
  private final BitSet ended = new BitSet();

  private int round;
  private long streamPages;
  private long discardStartNanos;
  private boolean discarding;
  private boolean discardedAhead;
  private boolean streamEnded;
  private long staleBefore;
  private volatile boolean stopped;

  /** Called on the bulk loop. */
  interface Events {
    /** All that a precopy round carried is in place. */
    void roundReceived(int round);

    /** All that was to be discarded is. */
    void discarded(long pages, long tookNanos);

    /** It is known how many pages are stale. */
    void staleKnown(long pages);

    /** The last page is in place, and everything current is mapped. */
    void streamEnded(long announcedPages, long receivedPages);

    /** Something broke. */
    void failed(RuntimeException cause);
  }

  /**
   * @param channels how many bulk connections there are
   * @param loop has a task run on the bulk loop, behind what can be read by then
   * @param clock in nanoseconds
   * @param before with placement continue: what was current when these connections were made; null
   *     for nothing
   */
  BulkChannelsReceiver(
      RegisteredMemory registered,
      int channels,
      Executor loop,
      LongSupplier clock,
      Events events,
      @Nullable ReceivedSnapshot before) {
    this.registered = registered;
    this.channels = channels;
    this.loop = loop;
    this.clock = clock;
    this.events = events;
    discards = registered.discards();
    discardSet = new PageSetReader(registered.regions(), discards);
    recovered = before != null;
    stale =
        new PageSetReader(
            registered.regions(),
            (region, first, end, inSet) -> {
              registered.setCurrent(region, first, end, inSet);
              if (inSet && before != null) {
                staleBefore += before.count(region, first, end);
              }
            });
  }

  /** Any thread: nothing more is done. */
  void stop() {
    stopped = true;
  }

  /** The pages of one connection. */
  PageStream stream(int channel) {
    return registered.bulkStream(channel);
  }

  void roundEnded(int channel, RoundEnd end) throws WireException {
    require(registered.phase() == GuestPhase.PRECOPY, "the end of a precopy round");
    long received = stream(channel).takePages();
    if (end.getPages() != received) {
      throw new WireException(
          "round " + end.getRound() + " of " + end.getPages() + " pages; " + received + " came");
    }
    if (discardedAhead && received > 0) { // they may be what was discarded
      throw new WireException(
          "round " + end.getRound() + " of " + received + " pages, behind pages discarded ahead");
    }
    if (ended.isEmpty()) {
      round = end.getRound();
    }
    if (ended.get(channel) || end.getRound() != round) {
      throw new WireException(
          "the end of round "
              + end.getRound()
              + " on bulk connection number "
              + channel
              + " before round "
              + round
              + " has ended on all");
    }
    ended.set(channel);
    if (ended.cardinality() == channels) {
      ended.clear();
      events.roundReceived(round);
    }
  }

  void discard(PageSet set) throws WireException {
    require(
        registered.phase() == GuestPhase.PRECOPY && !registered.isContinued(), "pages to discard");
    if (!discarding) {
      discarding = true;
      discardStartNanos = clock.getAsLong();
    }
    discardSet.read(set);
    if (!discardSet.isEnded()) {
      return;
    }
    discards.flush();
    discardedPages += discardSet.pages();
    if (set.getAhead()) { // the end of its round is behind it, and another set
      discarding = false;
      discardedAhead = true;
      discardSet = new PageSetReader(registered.regions(), discards);
    } else {
      requireNoPages();
      registered.precopyEnded();
      events.discarded(discardedPages, clock.getAsLong() - discardStartNanos);
    }
  }

  void stale(PageSet set) throws WireException {
    require(registered.phase() == GuestPhase.RUNNING && registered.isContinued(), "stale pages");
    stale.read(set);
    if (stale.isEnded()) {
      events.staleKnown(stale.pages() - staleBefore);
      mapper = registered.newMapper();
      mapSlices();
    }
  }

  void ended(int channel, long announcedPages) throws WireException {
    require(
        registered.phase() == GuestPhase.RUNNING && !ended.get(channel) && !streamEnded,
        "the end of the stream");
    if (announcedPages < 0 || announcedPages > Long.MAX_VALUE - streamPages) {
      throw new WireException("a stream of " + Long.toUnsignedString(announcedPages) + " pages");
    }
    streamPages += announcedPages;
    ended.set(channel);
    if (ended.cardinality() == channels) {
      require(
          stale.isEnded() == registered.isContinued(), "the end of a stream without a stale set");
      streamEnded = true;
      tellEnd();
    }
  }

  /** One slice after another, so that pages that arrive meanwhile are placed in between. */
  private void mapSlices() {
    try {
      if (mapper == null || registered.isClosed() || stopped) {
        return;
      }
      if (mapper.mapSlice()) {
        loop.execute(this::mapSlices);
      } else {
        mapper = null;
        if (recovered) {
          registered.wakeAll(); // what is current is known now: nobody needs to wait for it
        }
        tellEnd();
      }
    } catch (RuntimeException e) {
      events.failed(e);
    }
  }

  private void tellEnd() {
    if (streamEnded && mapper == null) {
      events.streamEnded(streamPages, takePages());
    }
  }

  /** All pages belong to a round, whose end has come. */
  private void requireNoPages() throws WireException {
    long loose = takePages();
    if (loose > 0) {
      throw new WireException(loose + " pages behind the last round");
    }
  }

  private long takePages() {
    long pages = 0;
    for (int channel = 0; channel < channels; channel++) {
      pages += stream(channel).takePages();
    }
    return pages;
  }

  private void require(boolean condition, String what) throws WireException {
    if (!condition) {
      throw new WireException("out of place during " + registered.phase() + ": " + what);
    }
  }
}
