package io.faultline.restore.image;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.restore.space.DumpLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Pages of a process in ascending order of addresses. Each extent is contiguous in memory and, if
 * its contents are in a file, there too. Immutable, thread-safe.
 */
public final class PageExtents {
  /** Instead of a file: only the source has the contents. */
  public static final int AT_SOURCE = -1;

  private final List<Path> files;
  private final long[] starts;
  private final long[] pages;
  private final int[] fileIndexes;
  private final long[] offsets;

  private PageExtents(Builder builder) {
    files = List.copyOf(builder.files);
    starts = Arrays.copyOf(builder.starts, builder.count);
    pages = Arrays.copyOf(builder.pages, builder.count);
    fileIndexes = Arrays.copyOf(builder.fileIndexes, builder.count);
    offsets = Arrays.copyOf(builder.offsets, builder.count);
  }

  /** The pages files that have contents. */
  public List<Path> files() {
    return files;
  }

  public int count() {
    return starts.length;
  }

  public long startOf(int extent) {
    return starts[extent];
  }

  public long pagesOf(int extent) {
    return pages[extent];
  }

  /** The end of the addresses, exclusive. */
  public long endOf(int extent) {
    return starts[extent] + pages[extent] * PAGE_BYTES;
  }

  /** The index in {@link #files} of the file with the contents, or {@link #AT_SOURCE}. */
  public int fileOf(int extent) {
    return fileIndexes[extent];
  }

  /** Where the contents start in the file. */
  public long offsetOf(int extent) {
    return offsets[extent];
  }

  /** The extent that contains an address; -1 for none. */
  public int find(long address) {
    int found = Arrays.binarySearch(starts, address);
    int extent = found >= 0 ? found : -found - 2;
    return extent >= 0 && address < endOf(extent) ? extent : -1;
  }

  /** Numbers the pages: extents of the layout are those here. */
  DumpLayout layout(int pid) {
    return new DumpLayout(pid, starts, pages);
  }

  /** Collects extents in ascending order. Used by one thread. */
  static final class Builder {
    private final List<Path> files = new ArrayList<>();
    private int count;
    private long[] starts = new long[64];
    private long[] pages = new long[64];
    private int[] fileIndexes = new int[64];
    private long[] offsets = new long[64];

    /** The index of a pages file. */
    int file(Path file) {
      int index = files.indexOf(file);
      if (index < 0) {
        files.add(file);
        index = files.size() - 1;
      }
      return index;
    }

    void add(long start, long length, int file, long offset) {
      if (count == starts.length) {
        starts = Arrays.copyOf(starts, count * 2);
        pages = Arrays.copyOf(pages, count * 2);
        fileIndexes = Arrays.copyOf(fileIndexes, count * 2);
        offsets = Arrays.copyOf(offsets, count * 2);
      }
      starts[count] = start;
      pages[count] = length;
      fileIndexes[count] = file;
      offsets[count] = offset;
      count++;
    }

    PageExtents build() {
      return new PageExtents(this);
    }
  }
}
