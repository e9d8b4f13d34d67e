package io.faultline.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.memory.Placement;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.PageSet;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is stale is discarded while the VM still runs, and only what it writes then behind it. */
final class DiscardAheadTest {
  private static final int PAGES = 8192;
  private static final int MUCH = 2000;

  private final MemoryRegion ram =
      MemoryRegion.map(new SimulatedKernel(), 0, "ram", Backing.ANONYMOUS, PAGES * 4096L);
  private final FakeVm vm = new FakeVm(List.of(ram));
  private final RecordingLink link = new RecordingLink();
  private final OutgoingRegions regions = new OutgoingRegions(vm.regions(), Placement.COPY);
  private final PrecopyPolicy policy =
      new PrecopyPolicy(MigrationMode.HYBRID, PrecopySettings.DEFAULT);
  private final PrecopyRounds rounds =
      new PrecopyRounds(vm, regions, link, () -> 1L, policy, false);

  @AfterEach
  void unmap() {
    ram.close();
  }

  @Test
  void itGoesOnUntilLittleIsLeft() throws Exception {
    firstRound(MUCH);
    assertThat(discardsAhead(2)).isTrue();
    assertThat(rounds.isUnderWay()).as("its answer is waited for").isTrue();
    vm.log.dirty(MUCH + 1500);
    rounds.received(2);
    assertThat(discardsAhead(3)).isTrue();
    vm.log.dirty(MUCH + 1510);
    rounds.received(3);
    assertThat(discardsAhead(4)).isFalse();
    assertThat(link.bulk).containsExactly("round 1", "ahead 2", "ahead 3");
    assertThat(rounds.count()).as("rounds that send pages").isEqualTo(1);
  }

  @Test
  void itEndsWhereTheVmWritesTooMuch() throws Exception {
    int dirty = MUCH;
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
  void littleIsLeftToThePause() throws Exception {
    firstRound(1000);
    assertThat(discardsAhead(2)).isFalse();
  }

  @Test
  void aDestinationThatDoesNotKnowOfItIsNotTold() throws Exception {
    link.discardsAhead = false;
    firstRound(MUCH, false);
    assertThat(discardsAhead(2)).isFalse();
  }

  @Test
  void theSetsTogetherAreWhatIsStaleAndNoPageIsToldTwice() throws Exception {
    PageBitmap told = new PageBitmap(PAGES);
    firstRound(MUCH);
    assertThat(discardsAhead(2)).isTrue();
    tell(PageSetWriter.Use.DISCARD_AHEAD, told);
    vm.log.dirty(MUCH + 30); // the first of which it was told before
    rounds.received(2);
    assertThat(discardsAhead(3)).isFalse();
    vm.log.dirty(MUCH + 50);
    rounds.sync();
    regions.settle();
    regions.findDiscards();
    tell(PageSetWriter.Use.DISCARD, told);
    assertThat(told.count()).isEqualTo(MUCH + 50).isEqualTo(regions.stalePages());
    assertThat(told.isFull(0, MUCH + 50)).isTrue();
  }

  private void firstRound(int dirty) throws WireException {
    firstRound(dirty, true);
  }

  private void firstRound(int dirty, boolean known) throws WireException {
    link.discardsAhead = known;
    rounds.start(0);
    regions.get(0).lacking().clear(0, PAGES);
    vm.log.dirty(dirty);
    rounds.received(1);
  }

  /** As the state machine asks, once the round before has ended. */
  private boolean discardsAhead(int round) {
    assertThat(rounds.decide(round)).isEqualTo(PrecopyPolicy.Step.POSTCOPY);
    return rounds.discardAhead();
  }

  private void tell(PageSetWriter.Use use, PageBitmap told) {
    RecordingSink sink = new RecordingSink(PAGES);
    PageSetWriter set = new PageSetWriter(regions, use, sink);
    while (set.sendNext() > 0) {}
    for (Frame frame : sink.frames) {
      PageSet part = frame.getDiscard();
      assertThat(part.getAhead()).isEqualTo(use == PageSetWriter.Use.DISCARD_AHEAD);
      long page = part.getFirstPage();
      for (int i = 0; i < part.getRunsCount(); page += part.getRuns(i), i++) {
        if (i % 2 == 1 && part.getRuns(i) > 0) {
          assertThat(told.count(page, page + part.getRuns(i))).as("told before").isZero();
          told.set(page, page + part.getRuns(i));
        }
      }
    }
  }
}
