package io.faultline.snapshot;

import io.faultline.snapshot.file.SnapshotBase;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The pages of a VM that are not in memory yet: a snapshot leaves them to its base. */
final class MissingPages implements AutoCloseable {
  private final @Nullable ArrivingMemory arriving;
  private final Path file;
  private @Nullable SnapshotBase base;

  private MissingPages(@Nullable ArrivingMemory arriving, Path file) {
    this.arriving = arriving;
    this.file = file;
  }

  /**
   * Of a VM; none if all of its memory is there.
   *
   * @param file where the snapshot will be
   * @throws io.faultline.snapshot.file.SnapshotException if it cannot be based on that of the VM
   */
  static MissingPages of(RunningVm vm, Path file) throws IOException {
    MissingPages missing = new MissingPages(vm.arriving(), file);
    try {
      missing.requireBase();
      return missing;
    } catch (IOException | RuntimeException | Error e) {
      missing.close();
      throw e;
    }
  }

  /** Checks that the base can be found by the snapshot: at the beginning, and again at the end. */
  void requireBase() throws IOException {
    base = arriving == null ? null : SnapshotBase.of(arriving.base(), file);
  }

  @Nullable ArrivingMemory arriving() {
    return arriving;
  }

  @Nullable SnapshotBase base() {
    return base;
  }

  /** For one thread. */
  PresentPages newPresentPages() {
    return new PresentPages(arriving == null ? null : arriving.pagemap());
  }

  /** Gives the memory back to the restore. */
  @Override
  public void close() {
    if (arriving != null) {
      arriving.userfaultfd().close();
    }
  }
}
