package io.faultline.paging;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.paging.table.Run;
import io.faultline.paging.table.RunRing;
import io.faultline.paging.table.StateTable;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.lang.foreign.Arena;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;

class EvictionQueueTest {
  private final EvictionQueue queue = new EvictionQueue(100);
  private final StateTable states = new StateTable(Arena.ofAuto(), 1000);
  private final Region region =
      new Region(
          0,
          new WatchedSpace(new SimulatedKernel().openUserfaultfd(OpenOptions.of())),
          untouched(),
          0,
          0,
          1000 * 4096L,
          12,
          new MemoryStore(0),
          states,
          new FrameShare(0, 100, 100),
          true);

  /** A queue moves no page. */
  private static Backing untouched() {
    return (Backing)
        Proxy.newProxyInstance(
            Backing.class.getClassLoader(),
            new Class<?>[] {Backing.class},
            (proxy, method, arguments) -> {
              throw new AssertionError(method);
            });
  }

  @Test
  void pagesLeaveInTheOrderInWhichTheyCame() {
    queue.add(region, 10, 4, false);
    queue.add(region, 50, 1, false);
    queue.add(region, 20, 2, false);
    assertThat(queue.next(false)).isEqualTo(Run.of(0, 10, 4));
    assertThat(queue.next(false)).isEqualTo(Run.of(0, 50, 1));
    assertThat(queue.next(false)).isEqualTo(Run.of(0, 20, 2));
    assertThat(queue.next(false)).isEqualTo(RunRing.EMPTY);
  }

  @Test
  void pageIsInOneRunOnly() {
    queue.add(region, 10, 4, false);
    queue.add(region, 8, 8, false);
    queue.next(false);
    assertThat(queue.next(false)).isEqualTo(Run.of(0, 8, 2));
    assertThat(queue.next(false)).isEqualTo(Run.of(0, 14, 2));
    assertThat(queue.size()).isZero();
  }

  @Test
  void hotPagesLeaveAfterOthersUpToTheirShare() {
    queue.add(region, 0, 60, true);
    queue.add(region, 100, 1, false);
    assertThat(Run.first(queue.next(false))).isEqualTo(100);
    queue.add(region, 200, 20, true);
    queue.add(region, 101, 1, false);
    assertThat(Run.first(queue.next(false))).as("80 of 100 pages are hot").isEqualTo(101);
    assertThat(Run.first(queue.next(false))).as("demoted").isZero();
  }

  /** Pages that the kernel uses for I/O return to the queue again and again. */
  @Test
  void hotPagesLeaveIfTheOthersCannot() {
    queue.add(region, 0, 10, true);
    queue.add(region, 100, 1, false);
    assertThat(Run.first(queue.next(true))).isZero();
    assertThat(Run.first(queue.next(true))).isEqualTo(100);
  }

  @Test
  void passedPagesLeaveFirst() {
    queue.add(region, 10, 4, false);
    queue.add(region, 20, 4, false);
    queue.pass(region, 20, 4);
    assertThat(queue.next(true)).isEqualTo(Run.of(0, 20, 4));
    assertThat(queue.next(false)).isEqualTo(Run.of(0, 10, 4));
    assertThat(queue.next(false)).as("the same, which have left").isEqualTo(Run.of(0, 20, 4));
    assertThat(queue.next(false)).isEqualTo(RunRing.EMPTY);
  }

  @Test
  void pageIsHotForAboutOneBufferOfEvictions() {
    int ghost = queue.ghost();
    assertThat(queue.isHot(0)).as("never evicted").isFalse();
    assertThat(queue.isHot(ghost)).isTrue();
    queue.countEvicted(60);
    assertThat(queue.isHot(ghost)).isTrue();
    queue.countEvicted(50);
    assertThat(queue.isHot(ghost)).isFalse();
  }
}
