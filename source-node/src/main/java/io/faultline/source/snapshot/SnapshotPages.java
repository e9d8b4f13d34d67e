package io.faultline.source.snapshot;

import io.faultline.memory.PageCopier;
import io.faultline.memory.UnreadableMemoryException;
import io.faultline.snapshot.file.PageRuns;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.snapshot.file.SnapshotReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Copies the pages of one region out of a snapshot; each thread has a reader. Thread-safe. */
final class SnapshotPages implements PageCopier {
  private final SnapshotFile file;
  private final PageRuns runs;
  private final ThreadLocal<SnapshotReader> readers;

  /**
   * @param region the index of the region in the snapshot
   */
  SnapshotPages(SnapshotFile file, int region, ThreadLocal<SnapshotReader> readers) {
    this.file = file;
    this.runs = file.runs(region);
    this.readers = readers;
  }

  @Override
  public void copy(long offsetBytes, MemorySegment to, long toOffset, long lengthBytes) {
    int pageBytes = file.pageBytes();
    long page = offsetBytes / pageBytes;
    long end = page + lengthBytes / pageBytes;
    long at = toOffset;
    for (int run = runs.runOf(page); page < end; run++) {
      long runEnd = Math.min(end, runs.endPage(run));
      MemorySegment part = to.asSlice(at, (runEnd - page) * pageBytes);
      if (runs.isData(run)) {
        read(runs.fileOffset(run) + (page - runs.firstPage(run)) * pageBytes, part);
      } else {
        part.fill((byte) 0);
      }
      at += part.byteSize();
      page = runEnd;
    }
  }

  @Override
  public long knownZeros(long offsetBytes, long lengthBytes) {
    int pageBytes = file.pageBytes();
    long first = offsetBytes / pageBytes;
    long end = first + lengthBytes / pageBytes;
    long page = first;
    for (int run = runs.runOf(first); page < end && isZero(run); run++) {
      page = Math.min(end, runs.endPage(run));
    }
    return (page - first) * pageBytes;
  }

  private boolean isZero(int run) {
    return runs.fileOffset(run) == PageRuns.ZERO;
  }

  private void read(long fileOffset, MemorySegment to) {
    try {
      readers.get().read(fileOffset, to);
    } catch (IOException | SnapshotException e) {
      throw new UnreadableMemoryException(
          "the VM's memory cannot be read from its snapshot: " + e.getMessage(), e);
    }
  }
}
