package io.faultline.cli.bench.paging;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import io.faultline.cli.bench.paging.PagedProgram.Result;
import io.faultline.paging.PagedAccess;
import io.faultline.paging.PagedRegion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The parallel quicksort of {@code workload.c}, by Java threads, each with a {@link PagedAccess} of
 * its own: random values are stored, sorted, and read again in order.
 */
final class PagedSort {
  private static final long PARALLEL_LEAST = 1 << 20;
  private static final long INSERTION_MOST = 24;
  private static final double NANOS = 1e9;

  private record Range(long low, long high) {}

  /** What a thread does. */
  private interface Body {
    /** Returns the sum of the values that it has stored or read. */
    long run(PagedAccess access, int thread) throws InterruptedException;
  }

  private final PagedRegion region;
  private final long values;
  private final int threads;
  private final long seed;
  private final ArrayDeque<Range> waiting = new ArrayDeque<>();
  private int working;
  private volatile boolean unordered;

  PagedSort(PagedRegion region, long bytes, int threads, long seed) {
    this.region = region;
    this.values = bytes / Long.BYTES;
    this.threads = threads;
    this.seed = seed;
  }

  /** Returns whether the values are sorted, and the same as before. */
  boolean run(MemorySegment result) throws InterruptedException {
    long start = System.nanoTime();
    long stored = inParallel(this::fill);
    long filled = System.nanoTime();
    leave(new Range(0, values - 1));
    inParallel(this::sort);
    long sorted = System.nanoTime();
    long read = inParallel(this::check);
    put(result, Result.ACCESSES, (double) values);
    put(result, Result.FILL, (filled - start) / NANOS);
    put(result, Result.SORT, (sorted - filled) / NANOS);
    put(result, Result.CHECK, (System.nanoTime() - sorted) / NANOS);
    return !unordered && stored == read;
  }

  private static void put(MemorySegment result, Result which, double value) {
    result.setAtIndex(JAVA_DOUBLE, which.ordinal(), value);
  }

  private long inParallel(Body body) throws InterruptedException {
    long[] sums = new long[threads];
    List<Thread> running = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int thread = i;
      running.add(Thread.ofPlatform().start(() -> sums[thread] = run(body, thread)));
    }
    long sum = 0;
    for (int i = 0; i < threads; i++) {
      running.get(i).join();
      sum += sums[i];
    }
    return sum;
  }

  private long run(Body body, int thread) {
    try (PagedAccess access = region.access()) {
      return body.run(access, thread);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private long first(int thread) {
    return values * thread / threads;
  }

  private long fill(PagedAccess access, int thread) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + thread);
    long sum = 0;
    for (long i = first(thread); i < first(thread + 1); i++) {
      long value = random.nextLong();
      sum += value;
      access.putLong(i * Long.BYTES, value);
    }
    return sum;
  }

  private long check(PagedAccess access, int thread) {
    long begin = first(thread);
    long last = begin > 0 ? get(access, begin - 1) : Long.MIN_VALUE;
    long sum = 0;
    for (long i = begin; i < first(thread + 1); i++) {
      long value = get(access, i);
      if (value < last) {
        unordered = true;
      }
      last = value;
      sum += value;
    }
    return sum;
  }

  private long sort(PagedAccess access, int thread) throws InterruptedException {
    for (Range range = take(); range != null; range = take()) {
      long low = range.low();
      long high = range.high();
      while (high - low > PARALLEL_LEAST) {
        long split = partition(access, low, high);
        if (split - low > high - split - 1) {
          leave(new Range(low, split));
          low = split + 1;
        } else {
          leave(new Range(split + 1, high));
          high = split;
        }
      }
      quicksort(access, low, high);
      finish();
    }
    return 0;
  }

  private synchronized void leave(Range range) {
    waiting.push(range);
    notifyAll();
  }

  private synchronized @Nullable Range take() throws InterruptedException {
    while (waiting.isEmpty() && working > 0) {
      wait();
    }
    Range range = waiting.poll();
    working += range == null ? 0 : 1;
    return range;
  }

  private synchronized void finish() {
    working--;
    notifyAll();
  }

  private static long get(PagedAccess access, long index) {
    return access.getLong(index * Long.BYTES);
  }

  private static void put(PagedAccess access, long index, long value) {
    access.putLong(index * Long.BYTES, value);
  }

  private static void swap(PagedAccess access, long one, long other) {
    long value = get(access, one);
    put(access, one, get(access, other));
    put(access, other, value);
  }

  private static void order(PagedAccess access, long low, long high) {
    if (get(access, high) < get(access, low)) {
      swap(access, low, high);
    }
  }

  /** Hoare's partition around the median of three; returns the last index of the lower part. */
  private static long partition(PagedAccess access, long low, long high) {
    long middle = low + (high - low) / 2;
    order(access, low, middle);
    order(access, low, high);
    order(access, middle, high);
    long pivot = get(access, middle);
    long i = low;
    long j = high;
    while (true) {
      long left;
      long right;
      do {
        left = get(access, ++i);
      } while (left < pivot);
      do {
        right = get(access, --j);
      } while (right > pivot);
      if (i >= j) {
        return j;
      }
      put(access, i, right);
      put(access, j, left);
    }
  }

  private static void quicksort(PagedAccess access, long from, long to) {
    long low = from;
    long high = to;
    while (high - low > INSERTION_MOST) {
      long split = partition(access, low, high);
      if (split - low < high - split) {
        quicksort(access, low, split);
        low = split + 1;
      } else {
        quicksort(access, split + 1, high);
        high = split;
      }
    }
    for (long i = low + 1; i <= high; i++) {
      insert(access, low, i);
    }
  }

  private static void insert(PagedAccess access, long low, long at) {
    long value = get(access, at);
    long j = at - 1;
    for (; j >= low; j--) {
      long other = get(access, j);
      if (other <= value) {
        break;
      }
      put(access, j + 1, other);
    }
    put(access, j + 1, value);
  }
}
