package io.faultline.paging.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StateTableTest {
  private final Arena arena = Arena.ofAuto();
  private final StateTable table = new StateTable(arena, 100);

  @Test
  void newPagesAreAbsentWithoutPinsOrGhost() {
    for (int page = 0; page < 100; page++) {
      assertThat(table.state(page)).isEqualTo(PageState.ABSENT);
      assertThat(table.pins(page)).isZero();
      assertThat(table.isQueued(page)).isFalse();
    }
    assertThat(table.take(99)).isZero();
  }

  @Test
  void changesTouchOnlyTheirPage() {
    for (int page = 0; page < 16; page++) {
      assertThat(table.take(page)).isZero();
      table.settle(page, page % 2 == 0 ? PageState.CLEAN : PageState.DIRTY);
    }
    assertThat(table.change(5, PageState.DIRTY, PageState.CHANGING)).isTrue();
    for (int page = 0; page < 16; page++) {
      int expected = page % 2 == 0 ? PageState.CLEAN : PageState.DIRTY;
      assertThat(table.state(page)).isEqualTo(page == 5 ? PageState.CHANGING : expected);
    }
  }

  @Test
  void changeFromAnotherStateIsRefused() {
    assertThat(table.change(3, PageState.CLEAN, PageState.DIRTY)).isFalse();
    assertThat(table.state(3)).isEqualTo(PageState.ABSENT);
    assertThat(table.take(3)).isZero();
    assertThat(table.take(3)).isEqualTo(-1);
  }

  @Test
  void pinnedPageCannotBeTakenForEviction() {
    table.take(1);
    table.settle(1, PageState.CLEAN);
    assertThat(table.pin(1, false)).isTrue();
    assertThat(table.changeUnpinned(1, PageState.CLEAN, PageState.CHANGING)).isFalse();
    table.unpin(1);
    assertThat(table.changeUnpinned(1, PageState.CLEAN, PageState.CHANGING)).isTrue();
    assertThat(table.pin(1, false)).isFalse();
  }

  @Test
  void pinForStoresNeedsAWritablePage() {
    table.take(1);
    table.settle(1, PageState.CLEAN);
    assertThat(table.pin(1, true)).isFalse();
    table.change(1, PageState.CLEAN, PageState.DIRTY);
    assertThat(table.pin(1, true)).isTrue();
    assertThat(table.change(1, PageState.DIRTY, PageState.FLUSHING_DIRTY)).isTrue();
    assertThat(table.pins(1)).isEqualTo(1);
  }

  @Test
  void pinsAreBounded() {
    table.take(1);
    table.settle(1, PageState.DIRTY);
    table.enqueue(1);
    for (int i = 0; i < StateTable.MAX_PINS; i++) {
      assertThat(table.pin(1, true)).isTrue();
    }
    assertThat(table.pin(1, true)).isFalse();
    assertThat(table.isFull(1)).isTrue();
    for (int i = 0; i < StateTable.MAX_PINS; i++) {
      table.unpin(1);
    }
    assertThatThrownBy(() -> table.unpin(1)).isInstanceOf(IllegalStateException.class);
    assertThat(table.isQueued(1)).isTrue();
    assertThat(table.state(1)).isEqualTo(PageState.DIRTY);
  }

  @Test
  void ghostIsReturnedOnceAndQueueMarkSurvives() {
    table.take(7);
    assertThat(table.enqueue(7)).isTrue();
    assertThat(table.enqueue(7)).isFalse();
    table.setAbsent(7, StateTable.MAX_GHOST);
    assertThat(table.pins(7)).isZero();
    assertThatThrownBy(() -> table.unpin(7)).isInstanceOf(IllegalStateException.class);
    assertThat(table.take(7)).isEqualTo(StateTable.MAX_GHOST);
    table.setAbsent(7, 0);
    assertThat(table.take(7)).isZero();
    assertThat(table.isQueued(7)).isTrue();
    table.dequeue(7);
    assertThat(table.isQueued(7)).isFalse();
    assertThat(table.state(7)).isEqualTo(PageState.FILLING);
  }

  /** Eight pages share the word of the hardware's compare-and-set. */
  @Test
  void threadsThatChangeNeighboursLoseNoChange() throws InterruptedException {
    AtomicInteger failures = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int page = i;
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int round = 0; round < 100_000; round++) {
                      boolean ok = table.take(page) >= 0;
                      table.settle(page, PageState.DIRTY);
                      ok &= table.pin(page, true);
                      ok &= !table.changeUnpinned(page, PageState.DIRTY, PageState.CHANGING);
                      table.unpin(page);
                      ok &= table.changeUnpinned(page, PageState.DIRTY, PageState.CHANGING);
                      table.setAbsent(page, round % 8);
                      failures.addAndGet(ok ? 0 : 1);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).hasValue(0);
  }

  /** One of two threads gets a page; never both, never none. */
  @Test
  void pinAndEvictionExcludeEachOther() throws InterruptedException {
    AtomicInteger owners = new AtomicInteger();
    AtomicInteger violations = new AtomicInteger();
    table.take(0);
    table.settle(0, PageState.CLEAN);
    Runnable pinner =
        () -> {
          for (int i = 0; i < 200_000; i++) {
            if (table.pin(0, false)) {
              violations.addAndGet(owners.get() < 0 ? 1 : 0);
              owners.incrementAndGet();
              owners.decrementAndGet();
              table.unpin(0);
            }
          }
        };
    Runnable evictor =
        () -> {
          for (int i = 0; i < 200_000; i++) {
            if (table.changeUnpinned(0, PageState.CLEAN, PageState.CHANGING)) {
              violations.addAndGet(owners.compareAndSet(0, -1) ? 0 : 1);
              owners.set(0);
              table.settle(0, PageState.CLEAN);
            }
          }
        };
    Thread one = Thread.ofPlatform().start(pinner);
    Thread other = Thread.ofPlatform().start(evictor);
    one.join();
    other.join();
    assertThat(violations).hasValue(0);
  }

  /** Each way of changing consecutive pages at once against changing them one by one. */
  @Test
  void consecutivePagesChangeAsSinglePagesDo() {
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      StateTable single = new StateTable(arena, 40);
      StateTable together = new StateTable(arena, 40);
      for (int page = 0; page < 40; page++) {
        fill(random, page, single, together);
      }
      int first = random.nextInt(40);
      int direction = random.nextInt(6) == 0 ? -1 : 1;
      int count = random.nextInt(direction > 0 ? 40 - first + 1 : first + 2);
      changeBoth(random.nextInt(6), single, together, first, count, direction);
      for (int page = 0; page < 40; page++) {
        assertThat(together.describe(page)).isEqualTo(single.describe(page));
      }
    }
  }

  private static void fill(Random random, int page, StateTable... tables) {
    int kind = random.nextInt(20);
    boolean queued = random.nextInt(8) > 0;
    for (StateTable table : tables) {
      if (kind > 2) {
        table.take(page);
        table.settle(
            page, kind > 4 ? PageState.DIRTY : kind > 3 ? PageState.WANTED : PageState.CHANGING);
      } else if (kind == 2) {
        table.setAbsent(page, 3);
      }
      if (kind == 19) {
        assertThat(table.pin(page, true)).isTrue();
      }
      if (queued) {
        table.enqueue(page);
      }
    }
  }

  private static void changeBoth(
      int change, StateTable single, StateTable together, int first, int count, int direction) {
    int done = 0;
    switch (change) {
      case 0 -> {
        while (done < count && single.take(first + direction * done) >= 0) {
          done++;
        }
        assertThat(together.takeRun(first, count, direction)).isEqualTo(done);
      }
      case 1 -> {
        int most = direction > 0 ? count : 0;
        while (done < most
            && single.changeUnpinned(first + done, PageState.DIRTY, PageState.CHANGING)) {
          done++;
        }
        assertThat(together.changeUnpinnedRun(first, most, PageState.DIRTY, PageState.CHANGING))
            .isEqualTo(done);
      }
      case 2 -> {
        int most = direction > 0 ? count : 0;
        while (done < most && single.enqueue(first + done)) {
          done++;
        }
        assertThat(together.enqueueRun(first, most)).isEqualTo(done);
      }
      case 3 -> {
        int most = direction > 0 ? count : 0;
        while (done < most && single.dequeue(first + done)) {
          done++;
        }
        assertThat(together.dequeueRun(first, most)).isEqualTo(done);
      }
      case 4 -> {
        for (int i = 0; direction > 0 && i < count; i++) {
          single.setAbsent(first + i, 2);
        }
        together.setAbsent(first, direction > 0 ? count : 0, 2);
      }
      default -> settleBoth(single, together, first, direction > 0 ? count : 0);
    }
  }

  private static void settleBoth(StateTable single, StateTable together, int first, int count) {
    List<Integer> wanted = new ArrayList<>();
    List<Integer> wantedTogether = new ArrayList<>();
    for (int page = first; page < first + count; page++) {
      if (single.settle(page, PageState.CLEAN) == PageState.WANTED) {
        wanted.add(page);
      }
    }
    for (int page = first; page < first + count; ) {
      int settled = together.settleSome(page, first + count - page, PageState.CLEAN);
      for (int i = 0; i < 8; i++) {
        if (((settled >>> 8) & (1 << i)) != 0) {
          wantedTogether.add(page + i);
        }
      }
      assertThat(settled & 0xff).isPositive();
      page += settled & 0xff;
    }
    assertThat(wantedTogether).isEqualTo(wanted);
  }
}
