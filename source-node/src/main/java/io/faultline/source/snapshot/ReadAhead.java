package io.faultline.source.snapshot;

import io.faultline.memory.PageBitmap;
import io.faultline.snapshot.file.LayeredRuns;
import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.uffd.linux.FileAdvice;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Lets the kernel read what will be sent soon into the page cache, many ranges at a time, while
 * others are sent: a disk is slow with one range at a time. A thread of its own, since the kernel
 * lets it wait while the disk is busy. Ends by itself, or on {@link #close}.
 */
final class ReadAhead implements AutoCloseable {
  /** Ranges of the file that are closer than this are read as one. */
  private static final long JOIN_BYTES = 64 << 10;

  /** The largest range of one call, after which {@link #close} is noticed. */
  private static final long MAX_BYTES = 1 << 20;

  private final SnapshotFile file;
  private final List<PageBitmap> pages;
  private final Thread thread =
      Thread.ofPlatform().name("read-ahead").daemon().unstarted(this::run);
  private volatile boolean closed;

  // The range that grows, until one that is not close to it is added. Of the thread.
  private long start;
  private long end;

  private ReadAhead(SnapshotFile file, List<PageBitmap> pages) {
    this.file = file;
    this.pages = pages;
  }

  /**
   * Starts to read.
   *
   * @param pages of each region of the snapshot; not changed later
   */
  static ReadAhead start(SnapshotFile file, List<PageBitmap> pages) {
    ReadAhead ahead = new ReadAhead(file, pages);
    ahead.thread.start();
    return ahead;
  }

  private void run() {
    List<LayeredRuns> runs = IntStream.range(0, pages.size()).mapToObj(file::layeredRuns).toList();
    for (int layer = 0; layer < file.layers().size() && !closed; layer++) {
      read(layer, runs);
    }
  }

  private void read(int layer, List<LayeredRuns> runs) {
    try (FileAdvice advice = FileAdvice.open(file.layers().get(layer).path())) {
      start = 0;
      end = 0;
      for (int region = 0; region < pages.size(); region++) {
        read(advice, layer, runs.get(region), pages.get(region));
      }
      flush(advice);
    } catch (RuntimeException e) {
      // Nothing is lost: what is not read ahead is read when it is sent, which reports errors.
    }
  }

  private void read(FileAdvice advice, int layer, LayeredRuns runs, PageBitmap wanted) {
    SnapshotFile of = file.layers().get(layer);
    for (int run = 0; run < runs.count() && !closed; run++) {
      if (!runs.isZero(run) && runs.layer(run) == layer) {
        long runEnd = runs.endPage(run);
        long page = wanted.nextSet(runs.firstPage(run), runEnd);
        while (page < runEnd) {
          long clear = wanted.nextClear(page, runEnd);
          long at = runs.fileOffset(run) + (page - runs.firstPage(run)) * file.pageBytes();
          long after = at + (clear - page) * file.pageBytes();
          add(advice, of.storedStart(at), of.storedEnd(after));
          page = wanted.nextSet(clear, runEnd);
        }
      }
    }
  }

  private void add(FileAdvice advice, long from, long to) {
    if (from >= start && from - end <= JOIN_BYTES && to - start <= MAX_BYTES) {
      end = Math.max(end, to);
    } else {
      flush(advice);
      start = from;
      end = to;
    }
  }

  private void flush(FileAdvice advice) {
    for (long at = start; at < end && !closed; at += MAX_BYTES) {
      advice.willNeed(at, Math.min(MAX_BYTES, end - at));
    }
  }

  /** Waits until the thread has ended, which is at most one range later. */
  @Override
  public void close() {
    closed = true;
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
