package io.faultline.snapshot.file;

import java.util.Arrays;

/** The runs of one region in order of arrival. Confined to the thread that writes. */
final class RunLog {
  private static final int INITIAL = 64;

  private final String region;
  private final long pageCount;
  private final int pageBytes;
  private long[] firsts = new long[INITIAL];
  private long[] counts = new long[INITIAL];
  private long[] offsets = new long[INITIAL];
  private int size;

  RunLog(String region, long pageCount, int pageBytes) {
    this.region = region;
    this.pageCount = pageCount;
    this.pageBytes = pageBytes;
  }

  /** Records a run; one that continues the last one becomes a part of it. */
  void add(long firstPage, long pages, long offset) {
    if (firstPage < 0 || pages <= 0 || firstPage > pageCount - pages) {
      throw new IllegalArgumentException(
          "pages " + firstPage + " + " + pages + " of region " + region + " of " + pageCount);
    }
    if (size > 0 && continues(size - 1, firstPage, offset)) {
      counts[size - 1] += pages;
      return;
    }
    if (size == firsts.length) {
      firsts = Arrays.copyOf(firsts, 2 * size);
      counts = Arrays.copyOf(counts, 2 * size);
      offsets = Arrays.copyOf(offsets, 2 * size);
    }
    firsts[size] = firstPage;
    counts[size] = pages;
    offsets[size++] = offset;
  }

  private boolean continues(int run, long firstPage, long offset) {
    long expected =
        offsets[run] <= PageRuns.IN_BASE ? offsets[run] : offsets[run] + counts[run] * pageBytes;
    return firsts[run] + counts[run] == firstPage && expected == offset;
  }

  /**
   * The runs in the order of pages.
   *
   * @throws IllegalStateException if a page is missing, or there twice
   */
  PageRuns sorted() {
    RunLog merged = new RunLog(region, pageCount, pageBytes);
    long next = 0;
    for (long key : order()) {
      int run = (int) key;
      if (firsts[run] != next) {
        throw new IllegalStateException(
            "region " + region + ": page " + next + " is missing, or there twice");
      }
      merged.add(firsts[run], counts[run], offsets[run]);
      next += counts[run];
    }
    if (next != pageCount) {
      throw new IllegalStateException("region " + region + ": page " + next + " is missing");
    }
    return merged.runs();
  }

  /** The runs' indexes, by first page: both in one word, since neither exceeds 2^31. */
  private long[] order() {
    long[] keys = new long[size];
    for (int i = 0; i < size; i++) {
      keys[i] = firsts[i] << Integer.SIZE | i;
    }
    Arrays.sort(keys);
    return keys;
  }

  private PageRuns runs() {
    long[] ends = new long[size];
    for (int i = 0; i < size; i++) {
      ends[i] = firsts[i] + counts[i];
    }
    return new PageRuns(ends, Arrays.copyOf(offsets, size));
  }
}
