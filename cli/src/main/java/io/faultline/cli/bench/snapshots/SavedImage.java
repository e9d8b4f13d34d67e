package io.faultline.cli.bench.snapshots;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.snapshot.file.PageRuns;
import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.snapshot.file.SnapshotReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Checks that a snapshot of the guest of {@code writer.c} is that of its pause, in all pages. */
final class SavedImage {
  private SavedImage() {}

  static boolean isRight(Path file, WriterVm guest) throws IOException {
    try (SnapshotFile snapshot = SnapshotFile.open(file);
        SnapshotReader reader = new SnapshotReader(snapshot)) {
      long[] counters = guest.replay(ByteBuffer.wrap(snapshot.vm().deviceState()).getLong());
      PageRuns runs = snapshot.runs(0);
      boolean right = runs.pageCount() == counters.length;
      for (int run = 0; right && run < runs.count(); run++) {
        right = runs.isData(run) && isRight(snapshot, reader, run, counters);
      }
      return right;
    }
  }

  private static boolean isRight(
      SnapshotFile snapshot, SnapshotReader reader, int run, long[] counters) throws IOException {
    PageRuns runs = snapshot.runs(0);
    int pageBytes = snapshot.pageBytes();
    int most = SnapshotReader.MAX_BYTES / pageBytes;
    boolean right = true;
    for (long page = runs.firstPage(run); page < runs.endPage(run); page += most) {
      long count = Math.min(most, runs.endPage(run) - page);
      long offset = runs.fileOffset(run) + (page - runs.firstPage(run)) * pageBytes;
      MemorySegment data = reader.read(offset, count * pageBytes);
      for (int i = 0; i < count; i++) {
        long number = data.get(JAVA_LONG, (long) i * pageBytes);
        long counter = data.get(JAVA_LONG, (long) i * pageBytes + Long.BYTES);
        right &= number == page + i + 1 && counter == counters[(int) page + i];
      }
    }
    return right;
  }
}
