package io.faultline.source.snapshot;

import io.faultline.memory.PageCopier;
import io.faultline.memory.UnreadableMemoryException;
import io.faultline.snapshot.file.LayeredRuns;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.snapshot.file.SnapshotFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Copies the pages of one region out of a snapshot and its bases; each thread has readers.
 * Thread-safe.
 */
final class SnapshotPages implements PageCopier {
  private final SnapshotFile file;
  private final LayeredRuns runs;
  private final ThreadLocal<LayerReaders> readers;

  /**
   * @param region the index of the region in the snapshot
   */
  SnapshotPages(SnapshotFile file, int region, ThreadLocal<LayerReaders> readers) {
    this.file = file;
    this.runs = file.layeredRuns(region);
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
      if (runs.isZero(run)) {
        part.fill((byte) 0);
      } else {
        long offset = runs.fileOffset(run) + (page - runs.firstPage(run)) * pageBytes;
        read(runs.layer(run), offset, part);
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
    for (int run = runs.runOf(first); page < end && runs.isZero(run); run++) {
      page = Math.min(end, runs.endPage(run));
    }
    return (page - first) * pageBytes;
  }

  private void read(int layer, long fileOffset, MemorySegment to) {
    try {
      readers.get().of(layer).read(fileOffset, to);
    } catch (IOException | SnapshotException e) {
      throw new UnreadableMemoryException(
          "the VM's memory cannot be read from its snapshot: " + e.getMessage(), e);
    }
  }
}
