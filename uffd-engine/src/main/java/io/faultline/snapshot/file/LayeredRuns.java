package io.faultline.snapshot.file;

import java.util.Arrays;
import java.util.List;

/**
 * Where the base pages of one region are, in a snapshot and its bases: runs in the order of pages,
 * which cover the region without gaps, each in one file or of zeros. Immutable, thread-safe; a
 * lookup allocates nothing.
 */
public final class LayeredRuns {
  private final PageRuns runs;
  private final byte[] layers;

  private LayeredRuns(PageRuns runs, byte[] layers) {
    this.runs = runs;
    this.layers = layers;
  }

  /**
   * Puts layers on top of each other.
   *
   * @param layers the runs of a region, from the snapshot down to the one without a base
   */
  static LayeredRuns of(List<PageRuns> layers, int pageBytes) {
    PageRuns lowest = layers.getLast();
    LayeredRuns merged =
        new LayeredRuns(lowest, filled(lowest.count(), (byte) (layers.size() - 1)));
    for (int layer = layers.size() - 2; layer >= 0; layer--) {
      merged = merged.below(layers.get(layer), (byte) layer, pageBytes);
    }
    return merged;
  }

  private static byte[] filled(int count, byte layer) {
    byte[] all = new byte[count];
    Arrays.fill(all, layer);
    return all;
  }

  private LayeredRuns below(PageRuns above, byte layer, int pageBytes) {
    Draft draft = new Draft(above.count() + runs.count());
    for (int run = 0; run < above.count(); run++) {
      if (above.fileOffset(run) == PageRuns.IN_BASE) {
        addAll(draft, above.firstPage(run), above.endPage(run), pageBytes);
      } else {
        draft.add(above.endPage(run), above.fileOffset(run), layer);
      }
    }
    return draft.runs();
  }

  private void addAll(Draft to, long firstPage, long endPage, int pageBytes) {
    long page = firstPage;
    for (int run = runs.runOf(page); page < endPage; run++) {
      long skipped = page - runs.firstPage(run);
      page = Math.min(endPage, runs.endPage(run));
      long offset = runs.fileOffset(run);
      to.add(page, runs.isData(run) ? offset + skipped * pageBytes : offset, layers[run]);
    }
  }

  /** The number of runs. */
  public int count() {
    return runs.count();
  }

  /** The run that has a page; see {@link PageRuns#runOf}. */
  public int runOf(long page) {
    return runs.runOf(page);
  }

  /** The first page of a run. */
  public long firstPage(int run) {
    return runs.firstPage(run);
  }

  /** The first page after a run. */
  public long endPage(int run) {
    return runs.endPage(run);
  }

  /** Whether the pages of a run are zeros. */
  public boolean isZero(int run) {
    return !runs.isData(run);
  }

  /** Where the first page of a run is in the file of its {@link #layer}; not of zeros. */
  public long fileOffset(int run) {
    return runs.fileOffset(run);
  }

  /** Which of {@link SnapshotFile#layers} has the pages of a run; not of zeros. */
  public int layer(int run) {
    return layers[run];
  }

  /** Grows run by run. */
  private static final class Draft {
    private long[] ends;
    private long[] offsets;
    private byte[] layers;
    private int size;

    Draft(int capacity) {
      ends = new long[capacity];
      offsets = new long[capacity];
      layers = new byte[capacity];
    }

    void add(long end, long offset, byte layer) {
      if (size == ends.length) {
        ends = Arrays.copyOf(ends, 2 * size);
        offsets = Arrays.copyOf(offsets, 2 * size);
        layers = Arrays.copyOf(layers, 2 * size);
      }
      ends[size] = end;
      offsets[size] = offset;
      layers[size++] = layer;
    }

    LayeredRuns runs() {
      return new LayeredRuns(
          new PageRuns(Arrays.copyOf(ends, size), Arrays.copyOf(offsets, size)),
          Arrays.copyOf(layers, size));
    }
  }
}
