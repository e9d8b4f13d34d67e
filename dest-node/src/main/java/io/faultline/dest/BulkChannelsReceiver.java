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
 * Receives what the bulk connections of one attempt carry: precopy rounds, the discard set, the
 * stale set, the background stream. Each connection keeps its own order and sends an end marker
 * after its last page; a round, and the stream, have ended once the marker has arrived on every
 * connection. Confined to the bulk loop; the state machine is notified through {@link Events}.
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
  private final MemoryWaiter mapRetry = this::mapSlice;
  private @Nullable CurrentMapper mapper;
  private final int channels;

  /** The connections on which the end of the current round, or of the stream, has arrived. */
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
    /** Every page of a precopy round has been placed. */
    void roundReceived(int round);

    /** The discard set is complete, and its pages have been discarded. */
    void discarded(long pages, long tookNanos);

    /** The stale set is complete: it has this many pages. */
    void staleKnown(long pages);

    /** The last page has been placed, and every current page is mapped. */
    void streamEnded(long announcedPages, long receivedPages);

    /** Mapping current pages failed. */
    void failed(RuntimeException cause);
  }

  /**
   * @param channels how many bulk connections there are
   * @param loop runs a task on the bulk loop, after everything readable by then has been read
   * @param clock in nanoseconds
   * @param before with placement continue: the pages that were current when these connections were
   *     established; null in the first attempt
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
    discards = registered.newDiscardBatch();
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

  /** Any thread: ends mapping. */
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
          "round "
              + end.getRound()
              + " of "
              + end.getPages()
              + " pages; "
              + received
              + " received");
    }
    if (discardedAhead && received > 0) { // they may be among the discarded pages
      throw new WireException(
          "round "
              + end.getRound()
              + " of "
              + received
              + " pages, after pages were discarded ahead");
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
    if (set.getAhead()) { // the end of its round follows, and later another set
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
      reportEnd();
    }
  }

  /** Maps in slices, so that pages that arrive meanwhile are placed in between. */
  private void mapSlices() {
    try {
      mapSlice();
    } catch (RuntimeException e) {
      events.failed(e);
    }
  }

  /** Returns whether there is enough memory. */
  private boolean mapSlice() {
    CurrentMapper current = mapper;
    if (current == null || registered.isPlacingEnded() || stopped) {
      return true;
    }
    switch (current.mapSlice()) {
      case MAPPED -> loop.execute(this::mapSlices);
      case NO_MEMORY -> {
        registered.bulkWaits().add(mapRetry, current.shortRegion(), current.shortOffset());
        return false;
      }
      case END -> {
        mapper = null;
        if (recovered) {
          registered.wakeAll(); // faults on current pages can be resolved locally now
        }
        reportEnd();
      }
    }
    return true;
  }

  private void reportEnd() {
    if (streamEnded && mapper == null) {
      events.streamEnded(streamPages, takePages());
    }
  }

  /** Refuses pages that arrived after the end of the last round. */
  private void requireNoPages() throws WireException {
    long extra = takePages();
    if (extra > 0) {
      throw new WireException(extra + " pages after the last round");
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
      throw new WireException("unexpected during " + registered.phase() + ": " + what);
    }
  }
}
