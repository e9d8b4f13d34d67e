package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages that are dropped while other threads touch them. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DroppedPagesTest {
  private static final int PAGES = 128;
  private static final long STORM_MILLIS = 1_000;
  private static final long LIMIT_MILLIS = 60_000;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicLong wrong = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();

  private void start(Runnable step) {
    Runnable steps =
        () -> {
          while (!over.get()) {
            step.run();
          }
        };
    threads.add(Thread.ofPlatform().daemon().start(steps));
  }

  /**
   * Also after a failure: a thread that still touches the region when it is closed ends the JVM.
   */
  private void end() throws InterruptedException {
    over.set(true);
    for (Thread thread : threads) {
      thread.join(LIMIT_MILLIS);
    }
  }

  private void storm() throws InterruptedException {
    try {
      Thread.sleep(STORM_MILLIS);
    } finally {
      end();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void dropsByTheApplicationBesideFaultsLoseNothingThatIsInTheStore(String name) throws Exception {
    Kernel kernel = PagingKernels.of(name);
    try (Pager pager = Pager.open(kernel, PagerOptions.of(96 * PAGE));
        PagedRegion region = pager.map(new MemoryStore(PAGES * PAGE), PAGES * PAGE)) {
      for (int page = 0; page < PAGES; page++) {
        kernel.guestStore(region.address() + page * PAGE, page + 1);
      }
      region.flushAll();
      for (int i = 0; i < 2; i++) {
        Random random = new Random(seed + 2L * i);
        start(
            () -> {
              int page = random.nextInt(PAGES);
              long found = kernel.guestLoad(region.address() + page * PAGE);
              wrong.addAndGet(found == page + 1 ? 0 : 1);
            });
        Random other = new Random(seed + 2L * i + 1);
        start(
            () -> {
              int page = other.nextInt(PAGES - 8);
              int count = 1 + other.nextInt(8);
              kernel.advise(region.address() + page * PAGE, count * PAGE, Advice.DONT_NEED);
            });
      }
      storm();
      assertThat(wrong).as("wrong values, seed " + seed).hasValue(0);
      for (int page = 0; page < PAGES; page++) {
        assertThat(kernel.guestLoad(region.address() + page * PAGE)).isEqualTo(page + 1);
      }
      assertThat(pager.stats().errors()).isZero();
      assertThat(pager.stats().vanished()).isGreaterThan(10);
      assertThat(pager.stats().mostUsedPages()).isLessThanOrEqualTo(96);
    }
  }

  /** Neither a fault nor a prefetch beside it may bring old contents back. */
  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void discardedPageIsZeroForEveryThreadAtOnce(String name) throws Exception {
    Kernel kernel = PagingKernels.of(name);
    AtomicInteger discarded = new AtomicInteger();
    AtomicInteger seen = new AtomicInteger();
    try (Pager pager = Pager.open(kernel, PagerOptions.of(32 * PAGE));
        PagedRegion region = pager.map(new MemoryStore(PAGES * PAGE), PAGES * PAGE)) {
      start(() -> region.prefetch(0, 4 * PAGE));
      start(
          () -> {
            int round = discarded.get();
            if (round != seen.get()) {
              long found = kernel.guestLoad(region.address() + PAGE);
              wrong.addAndGet(found == 0 ? 0 : 1);
              seen.set(round);
            }
          });
      try {
        for (int round = 1; round <= 300; round++) {
          kernel.guestStore(region.address() + PAGE, round);
          if (round % 3 == 0) {
            region.flush(PAGE, PAGE);
          }
          region.discard(PAGE, PAGE);
          discarded.set(round);
          while (seen.get() < round && !Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
          }
        }
      } finally {
        end();
      }
      assertThat(wrong).as("stale contents").hasValue(0);
      region.discard(0, PAGES * PAGE);
      assertThat(pager.stats().usedPages()).as("frames after a discard of all").isZero();
    }
  }
}
