package io.faultline.paging;

import static io.faultline.paging.PagingKernels.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.Kernel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random accesses by native and Java threads, beside flushes, discards, prefetches and garbage
 * collections, compared with a reference. Each thread owns every n-th page, so it knows what a page
 * must contain.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagerRandomTest {
  private static final int THREADS = 5;
  private static final int PAGES = 1200;
  private static final int WORDS = 4;
  private static final long NANOS = 1_500_000_000L;

  private final long seed = Long.getLong("faultline.seed", System.nanoTime());

  @ParameterizedTest
  @ValueSource(strings = {"kernel", "simulated"})
  void everyThreadFindsWhatItStored(String name) throws Exception {
    Kernel kernel = PagingKernels.of(name);
    for (int bufferPages : new int[] {24, 200, 900}) {
      run(kernel, bufferPages, new Random(seed + bufferPages));
    }
  }

  private void run(Kernel kernel, int bufferPages, Random random) throws Exception {
    MemoryStore store = new MemoryStore(PAGES * PAGE);
    AtomicBoolean over = new AtomicBoolean();
    List<PagingError> errors = new ArrayList<>();
    PagerOptions options = PagerOptions.of(bufferPages * PAGE).withHandlers(1 + random.nextInt(4));
    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread::new);
        Pager pager = Pager.open(kernel, options);
        PagedRegion region = pager.map(store, PAGES * PAGE)) {
      region.onError(errors::add);
      List<Future<?>> running = new ArrayList<>();
      long[][] expected = new long[THREADS][PAGES * WORDS];
      for (int i = 0; i < THREADS; i++) {
        Worker worker = new Worker(i, expected[i], region, kernel, new Random(random.nextLong()));
        running.add(threads.submit(() -> worker.run(over)));
      }
      Random choices = new Random(random.nextLong());
      running.add(threads.submit(() -> disturb(region, choices, over)));
      long end = System.nanoTime() + NANOS;
      while (System.nanoTime() < end && running.stream().noneMatch(Future::isDone)) {
        Thread.sleep(20);
        System.gc();
      }
      over.set(true);
      for (Future<?> thread : running) {
        thread.get();
      }
      for (int i = 0; i < THREADS; i++) {
        new Worker(i, expected[i], region, kernel, random).verifyAll();
      }
      assertThat(errors).isEmpty();
      assertThat(pager.stats().mostUsedPages()).isLessThanOrEqualTo(bufferPages);
    } catch (Exception | AssertionError e) {
      throw new AssertionError("seed " + seed + ", buffer of " + bufferPages + " pages", e);
    }
  }

  private void disturb(PagedRegion region, Random random, AtomicBoolean over) {
    while (!over.get()) {
      int page = random.nextInt(PAGES);
      long length = Math.min(PAGES - page, 1 + random.nextInt(100)) * PAGE;
      switch (random.nextInt(4)) {
        case 0 -> region.flush(page * PAGE, length);
        case 1 -> region.prefetch(page * PAGE, length);
        case 2 -> region.advise(AccessAdvice.DONT_NEED, page * PAGE, length);
        default -> {
          AccessAdvice[] advice = {AccessAdvice.NORMAL, AccessAdvice.RANDOM};
          region.advise(advice[random.nextInt(2)], 0, PAGE);
        }
      }
      LockSupport.parkNanos(1_000);
    }
  }

  /** One thread, whose pages nobody else stores to. */
  private static final class Worker {
    private final int id;
    private final long[] expected;
    private final PagedRegion region;
    private final Kernel kernel;
    private final Random random;
    private int cursor;

    Worker(int id, long[] expected, PagedRegion region, Kernel kernel, Random random) {
      this.id = id;
      this.expected = expected;
      this.region = region;
      this.kernel = kernel;
      this.random = random;
    }

    Void run(AtomicBoolean over) {
      boolean isJava = id % 2 == 1;
      try (PagedAccess access = region.access()) {
        while (!over.get()) {
          step(isJava ? access : null);
          if (random.nextInt(50) == 0) {
            access.release(); // else its pages could not be discarded
            discard(nextPage());
          }
        }
      }
      return null;
    }

    /** Goes on sequentially, either way, or somewhere else. */
    private int nextPage() {
      cursor +=
          switch (random.nextInt(20)) {
            case 0 -> random.nextInt(PAGES);
            case 1, 2, 3, 4 -> PAGES - THREADS;
            default -> THREADS;
          };
      cursor %= PAGES;
      return cursor / THREADS * THREADS + id;
    }

    private void step(@Nullable PagedAccess access) {
      int page = nextPage();
      int word = random.nextInt(WORDS);
      int index = page * WORDS + word;
      long offset = page * PAGE + word * 1000L;
      long found =
          access == null ? kernel.guestLoad(region.address() + offset) : access.getLong(offset);
      check(page, word, found);
      if (random.nextBoolean()) {
        expected[index] = random.nextLong();
        if (access == null) {
          kernel.guestStore(region.address() + offset, expected[index]);
        } else {
          access.putLong(offset, expected[index]);
        }
      }
    }

    private void discard(int page) {
      try {
        region.discard(page * PAGE, PAGE);
        for (int word = 0; word < WORDS; word++) {
          expected[page * WORDS + word] = 0;
        }
      } catch (IllegalStateException e) {
        // pinned by the prefetch of another thread
      }
    }

    void verifyAll() {
      for (int page = id; page < PAGES; page += THREADS) {
        for (int word = 0; word < WORDS; word++) {
          check(page, word, kernel.guestLoad(region.address() + page * PAGE + word * 1000L));
        }
      }
    }

    private void check(int page, int word, long found) {
      if (found != expected[page * WORDS + word]) {
        throw new AssertionError(
            String.format(
                "page %d word %d: expected %x, found %x",
                page, word, expected[page * WORDS + word], found));
      }
    }
  }
}
