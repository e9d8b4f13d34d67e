package io.faultline.snapshot.file;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/** A small snapshot with runs of every kind, appended out of order. */
final class SnapshotSample {
  static final int PAGE = 4096;

  static final SnapshotVm VM =
      new SnapshotVm(
          "simulated",
          new byte[] {1, 2, 3},
          List.of(
              new SnapshotRegion(0, "ram", 40 * PAGE, PAGE, "shmem"),
              new SnapshotRegion(3, "rom", 2 * PAGE, PAGE, "anonymous")),
          new byte[5000]);

  private SnapshotSample() {}

  /** The first byte of each page of data: 1 + the page's number. */
  static void fill(MemorySegment pages, long firstPage) {
    for (long page = 0; page < pages.byteSize() / PAGE; page++) {
      pages.asSlice(page * PAGE, PAGE).fill((byte) (1 + firstPage + page));
    }
  }

  /** Begins, and places all pages: 20..39 of ram, then 0..9, zeros between, rom of zeros. */
  static void writeAll(SnapshotWriter writer) throws IOException {
    writer.begin(VM);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pages = arena.allocate(20 * PAGE, PAGE);
      fill(pages, 20);
      writer.place(0, 20, 20, writer.append(pages));
      fill(pages, 0);
      writer.place(0, 0, 10, writer.append(pages.asSlice(0, 10 * PAGE)));
    }
    writer.place(0, 15, 5, PageRuns.ZERO);
    writer.place(0, 10, 5, PageRuns.ZERO);
    writer.place(1, 0, 2, PageRuns.ZERO);
  }

  static void write(Path file) throws IOException {
    try (SnapshotWriter writer = SnapshotWriter.create(file, PAGE)) {
      writeAll(writer);
      writer.finish();
    }
  }
}
