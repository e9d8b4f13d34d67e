package io.faultline.cli.dest;

import io.faultline.cli.status.OwnershipStep;
import io.faultline.cli.status.TakeOverFiles;
import io.faultline.dest.takeover.MigrationIdentity;
import io.faultline.dest.takeover.StateKeeper;
import io.faultline.dest.takeover.SurvivingState;
import io.faultline.dest.takeover.TakeOverStage;
import io.faultline.memory.MemoryRegion;
import io.faultline.qemu.vm.TakenOverQemu;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a destination node that was killed has left: its record, its state, and the guest in QEMU.
 * Closing leaves all of it for the next process; {@link #delete} ends that.
 */
final class QemuTakeOver implements StateKeeper, AutoCloseable {
  private final TakeOverFiles files;
  private final TakeOverRecord record;
  private final TakenOverQemu vm;
  private final SurvivingState state;
  private volatile boolean left;

  private QemuTakeOver(
      TakeOverFiles files, TakeOverRecord record, TakenOverQemu vm, SurvivingState state) {
    this.files = files;
    this.record = record;
    this.vm = vm;
    this.state = state;
  }

  /**
   * Opens what was left.
   *
   * @param messages receives what happens in QEMU
   * @return null if QEMU has ended
   * @throws IOException if the node still runs, or the files are damaged; the message is for the
   *     user
   */
  static @Nullable QemuTakeOver open(
      LinuxKernel kernel, TakeOverFiles files, TakeOverRecord record, Consumer<String> messages)
      throws IOException {
    TakenOverQemu vm = TakenOverQemu.find(kernel, record.qemu(), messages);
    if (vm == null) {
      return null;
    }
    try {
      boolean withPages = Files.size(files.state()) > SurvivingState.EMPTY_BYTES;
      SurvivingState state =
          SurvivingState.open(files.state(), withPages ? List.of(vm.ram()) : List.of());
      TakeOverStage stage = state.stage(); // not before the RAM is locked: no node changes it now
      boolean staysPaused = state.note() == QemuStateKeeper.STAYS_PAUSED;
      vm.needsStart(stage.compareTo(TakeOverStage.STARTED) < 0 && !staysPaused);
      if (stage == TakeOverStage.COMPLETE) {
        vm.release();
      }
      return new QemuTakeOver(files, record, vm, state);
    } catch (IOException | RuntimeException e) {
      vm.close();
      throw e;
    }
  }

  /** The id of the migration. */
  String migration() {
    return files.migration();
  }

  MigrationIdentity identity() {
    return record.identity();
  }

  TakenOverQemu vm() {
    return vm;
  }

  SurvivingState state() {
    return state;
  }

  /** For the status of this node. */
  OwnershipStep step() throws IOException {
    return state.stage() == TakeOverStage.READY ? OwnershipStep.READY : OwnershipStep.RUNNING;
  }

  /** Not called: the identity and the state are those of the node that was killed. */
  @Override
  public SurvivingState begin(
      String migration, MigrationIdentity of, List<MemoryRegion> regions, boolean withPages) {
    throw new IllegalStateException("the migration " + files.migration() + " has begun");
  }

  @Override
  public String leave() {
    left = true;
    return files.command();
  }

  /** Whether the guest was left to yet another process. */
  boolean isLeft() {
    return left;
  }

  /** The migration has ended here: deletes what was left, unless that is for another process. */
  void delete() throws IOException {
    if (!left) {
      files.delete();
    }
  }

  @Override
  public void close() {
    state.close();
    vm.close();
  }
}
