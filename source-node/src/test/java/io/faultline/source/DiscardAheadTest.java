package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.memory.Placement;
import io.faultline.proto.Heartbeats;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.PageSet;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Discard rounds: most pages are discarded before the pause, the rest during it. */
final class DiscardAheadTest {
  private static final int PAGES = 8192;
  private static final int MANY = 2000;

  private final MemoryRegion ram =
      MemoryRegion.map(new SimulatedKernel(), 0, "ram", Backing.ANONYMOUS, PAGES * 4096L);
  private final FakeVm vm = new FakeVm(List.of(ram));
  private final RecordingLink link = new RecordingLink();
  private final OutgoingRegions regions = new OutgoingRegions(vm.regions(), Placement.COPY);
  private final SourceSettings settings =
      new SourceSettings(new InetSocketAddress(0)).withMode(MigrationMode.HYBRID);
  private final PrecopyRounds rounds =
      new PrecopyRounds(vm, regions, link, () -> 1L, settings.withHotFirst(false));

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void discardRoundsContinueUntilFewPagesAreLeft() throws Exception {
    firstRound(MANY);
    assertThat(discardsAhead(2)).isTrue();
    assertThat(rounds.isUnderWay()).as("its answer is pending").isTrue();
    vm.log.dirty(MANY + 1500);
    rounds.received(2);
    assertThat(discardsAhead(3)).isTrue();
    vm.log.dirty(MANY + 1510);
    rounds.received(3);
    assertThat(discardsAhead(4)).isFalse();
    assertThat(link.bulk).containsExactly("round 1", "ahead 2", "ahead 3");
    assertThat(rounds.count()).as("rounds that send pages").isEqualTo(1);
  }

  @Test
  void discardRoundsEndIfTheVmWritesTooMuch() throws Exception {
    int dirty = MANY;
    firstRound(dirty);
    int round = 2;
    while (discardsAhead(round)) {
      assertThat(round).isLessThan(10);
      dirty += 1200;
      vm.log.dirty(dirty);
      rounds.received(round);
      round++;
    }
    assertThat(round - 2).isEqualTo(4);
  }

  @Test
  void fewPagesAreDiscardedDuringThePause() throws Exception {
    firstRound(1000);
    assertThat(discardsAhead(2)).isFalse();
  }

  @Test
  void destinationWithoutTheCapabilityGetsNoDiscardRound() throws Exception {
    link.discardsAhead = false;
    firstRound(MANY, false);
    assertThat(discardsAhead(2)).isFalse();
  }

  @Test
  void discardSetsTogetherAreTheStalePagesWithoutDuplicates() throws Exception {
    PageBitmap listed = new PageBitmap(PAGES);
    firstRound(MANY);
    assertThat(discardsAhead(2)).isTrue();
    collect(PageSetWriter.Use.DISCARD_AHEAD, listed);
    vm.log.dirty(MANY + 30); // the destination has discarded the first of these before
    rounds.received(2);
    assertThat(discardsAhead(3)).isFalse();
    vm.log.dirty(MANY + 50);
    rounds.sync();
    regions.markStale();
    regions.findDiscards();
    collect(PageSetWriter.Use.DISCARD, listed);
    assertThat(listed.count()).isEqualTo(MANY + 50).isEqualTo(regions.stalePages());
    assertThat(listed.isFull(0, MANY + 50)).isTrue();
  }

  private void firstRound(int dirty) throws WireException {
    firstRound(dirty, true);
  }

  private void firstRound(int dirty, boolean supported) throws WireException {
    link.discardsAhead = supported;
    rounds.start(new Heartbeats(0, 0, 0), 0);
    regions.get(0).dirty().clear(0, PAGES);
    vm.log.dirty(dirty);
    rounds.received(1);
  }

  /** Decides as the state machine does after a round. */
  private boolean discardsAhead(int round) {
    assertThat(rounds.decide(round)).isEqualTo(PrecopyPolicy.Step.POSTCOPY);
    return rounds.discardAhead();
  }

  private void collect(PageSetWriter.Use use, PageBitmap listed) {
    RecordingSink sink = new RecordingSink(PAGES);
    PageSetWriter set = new PageSetWriter(regions, use, sink);
    while (set.sendNext() > 0) {}
    for (Frame frame : sink.frames) {
      PageSet part = frame.getDiscard();
      assertThat(part.getAhead()).isEqualTo(use == PageSetWriter.Use.DISCARD_AHEAD);
      long page = part.getFirstPage();
      for (int i = 0; i < part.getRunsCount(); page += part.getRuns(i), i++) {
        if (i % 2 == 1 && part.getRuns(i) > 0) {
          assertThat(listed.count(page, page + part.getRuns(i))).as("listed before").isZero();
          listed.set(page, page + part.getRuns(i));
        }
      }
    }
  }
}
