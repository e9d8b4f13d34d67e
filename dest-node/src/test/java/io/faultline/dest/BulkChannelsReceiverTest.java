package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Encoding;
import io.faultline.proto.wire.PageSet;
import io.faultline.proto.wire.RoundEnd;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several bulk connections: each carries a part of the pages, and its own end markers. */
final class BulkChannelsReceiverTest {
  private static final int CHANNELS = 3;
  private static final int PAGES = 64;

  private final SimulatedKernel kernel = new SimulatedKernel();
  private final MemoryRegion ram = MemoryRegion.map(kernel, 0, "ram", Backing.SHMEM, PAGES * 4096L);
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<String> events = new ArrayList<>();

  @AfterEach
  void free() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
    ram.close();
  }

  @Test
  void roundEndsOnceItsEndHasArrivedOnAllConnections() throws Exception {
    BulkChannelsReceiver receiver = receiver(inPrecopy(Placement.COPY));
    zeros(receiver, 1, 0, 5);
    zeros(receiver, 2, 5, 2);
    receiver.roundEnded(1, end(1, 5));
    receiver.roundEnded(0, end(1, 0));
    assertThat(events).isEmpty();
    receiver.roundEnded(2, end(1, 2));
    assertThat(events).containsExactly("round 1");
    for (int channel = 0; channel < CHANNELS; channel++) {
      receiver.roundEnded(channel, end(2, 0));
    }
    assertThat(events).containsExactly("round 1", "round 2");
  }

  @Test
  void pagesAreCountedPerConnection() throws Exception {
    BulkChannelsReceiver receiver = receiver(inPrecopy(Placement.COPY));
    zeros(receiver, 1, 0, 5);
    refused(() -> receiver.roundEnded(0, end(1, 5)), "round 1 of 5 pages; 0 received");
  }

  @Test
  void roundEndsOncePerConnectionAndInOrder() throws Exception {
    BulkChannelsReceiver receiver = receiver(inPrecopy(Placement.COPY));
    receiver.roundEnded(1, end(1, 0));
    String reason = "of round 1 on bulk connection number 1 before round 1 has ended on all";
    refused(() -> receiver.roundEnded(1, end(1, 0)), reason);
    refused(() -> receiver.roundEnded(2, end(2, 0)), "end of round 2 on bulk connection number 2");
    assertThat(events).isEmpty();
  }

  @Test
  void pagesAfterTheLastRoundAreRefusedOnAnyConnection() throws Exception {
    BulkChannelsReceiver receiver = receiver(inPrecopy(Placement.COPY));
    zeros(receiver, 2, 0, 3);
    refused(() -> receiver.discard(set(PAGES)), "3 pages after the last round");
  }

  @Test
  void setsDiscardedAheadBelongToARoundAndTheLastSetEndsPrecopy() throws Exception {
    RegisteredMemory registered = inPrecopy(Placement.COPY);
    BulkChannelsReceiver receiver = receiver(registered);
    zeros(receiver, 0, 0, 20);
    round(receiver, 1, 20);
    receiver.discard(ahead(3, 5, PAGES - 8));
    round(receiver, 2, 0);
    receiver.discard(ahead(10, 1, PAGES - 11));
    round(receiver, 3, 0);
    assertThat(events).containsExactly("round 1", "round 2", "round 3");
    assertThat(registered.phase()).isEqualTo(GuestPhase.PRECOPY);
    receiver.discard(set(15, 2, PAGES - 17));
    assertThat(events).last().isEqualTo("discarded 8");
    assertThat(registered.phase()).isEqualTo(GuestPhase.SWITCHOVER);
    try (Pagemap pagemap = kernel.openPagemap()) {
      for (int page = 0; page < 20; page++) {
        boolean gone = (page >= 3 && page < 8) || page == 10 || page == 15 || page == 16;
        assertThat(pagemap.isPresent(ram.guest().address(page * 4096L)))
            .as("page " + page)
            .isNotEqualTo(gone);
      }
    }
  }

  @Test
  void pagesAfterASetDiscardedAheadAreRefused() throws Exception {
    BulkChannelsReceiver receiver = receiver(inPrecopy(Placement.COPY));
    zeros(receiver, 0, 0, 20);
    round(receiver, 1, 20);
    receiver.discard(ahead(3, 5, PAGES - 8));
    round(receiver, 2, 0);
    zeros(receiver, 1, 4, 1);
    refused(() -> receiver.roundEnded(1, end(3, 1)), "1 pages, after pages were discarded ahead");
  }

  @Test
  void streamEndsOnceItsEndHasArrivedOnAllConnections() throws Exception {
    RegisteredMemory registered = running(Placement.COPY);
    BulkChannelsReceiver receiver = receiver(registered);
    zeros(receiver, 0, 0, 10);
    zeros(receiver, 2, 10, PAGES - 10);
    receiver.ended(2, PAGES - 10);
    receiver.ended(1, 0);
    refused(() -> receiver.ended(1, 0), "end of the stream");
    assertThat(events).isEmpty();
    receiver.ended(0, 10);
    assertThat(events).containsExactly("stream of 64 pages, 64 received");
    refused(() -> receiver.ended(0, 0), "end of the stream");
  }

  /** The set arrives on the first connection; pages on another may overtake it. */
  @Test
  void pagesAndEndsOfOtherConnectionsMayArriveBeforeTheStaleSet() throws Exception {
    RegisteredMemory registered = running(Placement.CONTINUE);
    BulkChannelsReceiver receiver = receiver(registered);
    zeros(receiver, 1, 4, 2);
    receiver.ended(1, 2);
    receiver.ended(2, 0);
    receiver.stale(set(4, 3, PAGES - 7));
    zeros(receiver, 0, 6, 1);
    receiver.ended(0, 1);
    assertThat(events).containsExactly("3 are stale", "stream of 3 pages, 3 received");
  }

  @Test
  void streamDoesNotEndWithoutAStaleSet() throws Exception {
    RegisteredMemory registered = running(Placement.CONTINUE);
    BulkChannelsReceiver receiver = receiver(registered);
    receiver.ended(1, 0);
    receiver.ended(0, 0);
    refused(() -> receiver.ended(2, 0), "without a stale set");
  }

  @Test
  void copiedGiganticPagesNeedASingleConnection() throws Exception {
    try (MemoryRegion huge = MemoryRegion.map(kernel, 0, "ram", Backing.HUGETLB_1G, 1L << 30)) {
      List<MemoryRegion> regions = List.of(huge);
      BulkPageStreams.check(regions, Placement.COPY, 1);
      BulkPageStreams.check(regions, Placement.CONTINUE, CHANNELS);
      refused(
          () -> BulkPageStreams.check(regions, Placement.COPY, CHANNELS),
          "3 bulk connections for pages of 1073741824 bytes");
    }
  }

  private RegisteredMemory inPrecopy(Placement placement) {
    RegisteredMemory registered =
        TestMemory.inPrecopy(kernel, placement, new IncomingCounters(), ram);
    open.add(registered);
    return registered;
  }

  private RegisteredMemory running(Placement placement) {
    RegisteredMemory registered = inPrecopy(placement);
    registered.guestStarts();
    return registered;
  }

  private BulkChannelsReceiver receiver(RegisteredMemory registered) {
    registered.ensureStreams(CHANNELS);
    return new BulkChannelsReceiver(
        registered, CHANNELS, Runnable::run, () -> 0, new Recorder(events), null);
  }

  private static void zeros(BulkChannelsReceiver receiver, int channel, long first, int count)
      throws WireException {
    receiver.stream(channel).run(0, first, count, Encoding.ENCODING_ZERO, 0, 0);
  }

  private static void round(BulkChannelsReceiver receiver, int round, int pagesOnTheFirst)
      throws WireException {
    for (int channel = 0; channel < CHANNELS; channel++) {
      receiver.roundEnded(channel, end(round, channel == 0 ? pagesOnTheFirst : 0));
    }
  }

  private static PageSet ahead(long... runs) {
    return set(runs).toBuilder().setAhead(true).build();
  }

  private static RoundEnd end(int round, long pages) {
    return RoundEnd.newBuilder().setRound(round).setPages(pages).build();
  }

  /** The whole region; the runs are alternately not in the set and in the set. */
  private static PageSet set(long... runs) {
    PageSet.Builder set = PageSet.newBuilder().setLast(true);
    for (long run : runs) {
      set.addRuns(run);
    }
    return set.build();
  }

  private interface Call {
    void run() throws WireException;
  }

  private static void refused(Call call, String reason) {
    assertThatThrownBy(call::run).isInstanceOf(WireException.class).hasMessageContaining(reason);
  }

  private record Recorder(List<String> events) implements BulkChannelsReceiver.Events {
    @Override
    public void roundReceived(int round) {
      events.add("round " + round);
    }

    @Override
    public void discarded(long pages, long tookNanos) {
      events.add("discarded " + pages);
    }

    @Override
    public void staleKnown(long pages) {
      events.add(pages + " are stale");
    }

    @Override
    public void streamEnded(long announcedPages, long receivedPages) {
      events.add("stream of " + announcedPages + " pages, " + receivedPages + " received");
    }

    @Override
    public void failed(RuntimeException cause) {
      events.add("failed: " + cause);
    }
  }
}
