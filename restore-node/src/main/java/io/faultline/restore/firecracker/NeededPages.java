package io.faultline.restore.firecracker;

import io.faultline.memory.PageBitmap;
import io.faultline.snapshot.file.SnapshotId;
import io.faultline.snapshot.file.WorkingSetFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * The pages of the memory file that earlier VMs have faulted on, which a VM gets first, and those
 * that this one faults on. Confined to the VM's thread.
 */
final class NeededPages {
  private final PageBitmap expected;
  private final PageBitmap faulted;
  private final Consumer<PageBitmap> recorder;
  private boolean recorded;

  /**
   * @param expected not changed
   * @param recorder receives the pages that were faulted on, once
   */
  NeededPages(PageBitmap expected, Consumer<PageBitmap> recorder) {
    this.expected = expected;
    this.faulted = new PageBitmap(expected.pageCount());
    this.recorder = recorder;
  }

  /** Those of no file, which are not recorded either. */
  static NeededPages none(long pages) {
    return new NeededPages(new PageBitmap(pages), faulted -> {});
  }

  /**
   * Those in the file beside a memory file.
   *
   * @param log receives a line if it cannot be used or written
   * @throws IOException if the memory file is gone
   */
  static NeededPages beside(Path memory, long pages, Consumer<String> log) throws IOException {
    SnapshotId id = SnapshotId.ofMemoryFile(memory);
    WorkingSetFile file =
        new WorkingSetFile(memory, id, (int) MemoryFile.PAGE_BYTES, List.of(pages));
    PageBitmap expected = file.read(log).pages().getFirst();
    return new NeededPages(expected, faulted -> file.record(List.of(faulted), log));
  }

  PageBitmap expected() {
    return expected;
  }

  /** A fault was resolved from the file. */
  void faulted(long first, long end) {
    faulted.set(first, end);
  }

  /** Writes what was recorded, once. */
  void record() {
    if (!recorded) {
      recorded = true;
      recorder.accept(faulted);
    }
  }
}
