package io.faultline.snapshot;

import io.faultline.memory.ZeroPages;
import io.faultline.snapshot.file.PageRuns;
import io.faultline.snapshot.file.SnapshotWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Appends pages to the file, without those of zeros: pages without a zero page among them straight
 * from where they are, others closed up in a buffer. Confined to one thread.
 */
final class PageWriter implements AutoCloseable {
  /** The most that one call takes. */
  static final int MAX_BYTES = 4 << 20;

  private final SnapshotWriter writer;
  private final int pageBytes;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment buffer = arena.allocate(MAX_BYTES, 4096);
  private final Run[] runs;
  private int size;
  private long dataBytes;
  private long baseBytes;

  /** Pages that are not zero, at an offset of what is being written. Reused. */
  private static final class Run {
    private int region;
    private long firstPage;
    private long pages;
    private long offset;
  }

  PageWriter(SnapshotWriter writer, int pageBytes) {
    this.writer = writer;
    this.pageBytes = pageBytes;
    this.runs = new Run[MAX_BYTES / pageBytes];
    Arrays.setAll(runs, i -> new Run());
  }

  /** Bytes left to the base. */
  long baseBytes() {
    return baseBytes;
  }

  /** Bytes appended. */
  long dataBytes() {
    return dataBytes;
  }

  /**
   * Adds pages to those that the next {@link #write} appends; places those of zeros.
   *
   * @param region its index in the snapshot
   * @param from what will be written, at most {@link #MAX_BYTES}
   * @param offset of the pages in it
   */
  void add(int region, long firstPage, MemorySegment from, long offset, long bytes) {
    long end = offset + bytes;
    long at = offset;
    while (at < end) {
      long start = at;
      boolean zero = isZero(from, at);
      do {
        at += pageBytes;
      } while (at < end && isZero(from, at) == zero);
      long page = firstPage + (start - offset) / pageBytes;
      if (zero) {
        writer.place(region, page, (at - start) / pageBytes, PageRuns.ZERO);
      } else {
        Run run = runs[size++];
        run.region = region;
        run.firstPage = page;
        run.pages = (at - start) / pageBytes;
        run.offset = start;
      }
    }
  }

  /** Places pages that the base has. */
  void addBase(int region, long firstPage, long bytes) {
    if (bytes > 0) {
      writer.place(region, firstPage, bytes / pageBytes, PageRuns.IN_BASE);
      baseBytes += bytes;
    }
  }

  private boolean isZero(MemorySegment pages, long offset) {
    return ZeroPages.isZero(pages.address() + offset, pageBytes);
  }

  /** Appends what was added. */
  void write(MemorySegment from) throws IOException {
    long bytes = 0;
    for (int i = 0; i < size; i++) {
      bytes += runs[i].pages * pageBytes;
    }
    if (bytes == 0) {
      return;
    }
    long offset = writer.append(bytes == from.byteSize() ? from : closedUp(from));
    for (int i = 0; i < size; i++) {
      Run run = runs[i];
      writer.place(run.region, run.firstPage, run.pages, offset);
      offset += run.pages * pageBytes;
    }
    dataBytes += bytes;
    size = 0;
  }

  private MemorySegment closedUp(MemorySegment from) {
    long to = 0;
    for (int i = 0; i < size; i++) {
      long bytes = runs[i].pages * pageBytes;
      MemorySegment.copy(from, runs[i].offset, buffer, to, bytes);
      to += bytes;
    }
    return buffer.asSlice(0, to);
  }

  @Override
  public void close() {
    arena.close();
  }
}
