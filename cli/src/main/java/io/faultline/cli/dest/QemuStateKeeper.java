package io.faultline.cli.dest;

import io.faultline.cli.status.TakeOverFiles;
import io.faultline.dest.takeover.MigrationIdentity;
import io.faultline.dest.takeover.StateKeeper;
import io.faultline.dest.takeover.SurvivingState;
import io.faultline.memory.MemoryRegion;
import io.faultline.qemu.vm.RunningQemu;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the state of a migration in the state directory, with the QEMU that has the guest. Closing
 * deletes it, unless it was {@link #leave left}: a node that ends as it should leaves nothing to
 * take over. Used by the control loop, and closed after that has ended.
 */
final class QemuStateKeeper implements StateKeeper, AutoCloseable {
  /** The note of a guest that is to stay paused. */
  static final long STAYS_PAUSED = 1;

  private final Path directory;
  private final RunningQemu qemu;
  private final boolean started;
  private volatile @Nullable TakeOverFiles files;
  private volatile boolean left;
  private volatile String listen = "";
  private volatile @Nullable SurvivingState state;

  /**
   * @param started whether QEMU was started here
   */
  QemuStateKeeper(Path directory, RunningQemu qemu, boolean started) {
    this.directory = directory;
    this.qemu = qemu;
    this.started = started;
  }

  /** Any thread, before a source can connect: where it will. */
  void listensAt(String address) {
    listen = address;
  }

  @Override
  public SurvivingState begin(
      String migration, MigrationIdentity identity, List<MemoryRegion> regions, boolean withPages)
      throws IOException {
    TakeOverFiles of = TakeOverFiles.of(directory, migration);
    // Fails if the file exists: it may be that of a destination that waits for its take-over.
    SurvivingState created = SurvivingState.create(of.state(), withPages ? regions : List.of());
    state = created;
    files = of;
    new TakeOverRecord(identity, qemu, MachineRun.current(), listen, started).write(of.record());
    return created;
  }

  /** The state of the guest was loaded, and it is to stay paused. Before READY; any thread. */
  void staysPaused() {
    SurvivingState of = state;
    if (of != null) {
      of.setNote(STAYS_PAUSED);
    }
  }

  @Override
  public String leave() {
    left = true;
    return Objects.requireNonNull(files, "nothing is kept yet").command();
  }

  /** Whether the guest was left to another process. */
  boolean isLeft() {
    return left;
  }

  @Override
  public void close() throws IOException {
    SurvivingState of = state;
    if (of != null) {
      of.close();
    }
    TakeOverFiles kept = files;
    if (kept != null && !left) {
      kept.delete();
    }
  }
}
