package io.faultline.cli.snapshot;

import io.faultline.dest.LentMemory;
import io.faultline.memory.MemoryRegion;
import io.faultline.snapshot.ArrivingMemory;
import io.faultline.snapshot.RunningVm;
import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.snapshot.file.SnapshotVm;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A VM that is being restored, as a snapshot sees it.
 *
 * @param vm the same without its missing pages
 * @param base what it is being restored from; open until the snapshot has ended
 * @param loan lends memory; null if all of it is there
 */
record RestoringVm(RunningVm vm, SnapshotFile base, Supplier<@Nullable LentMemory> loan)
    implements RunningVm {
  @Override
  public @Nullable ArrivingMemory arriving() {
    LentMemory lent = loan.get();
    return lent == null ? null : new ArrivingMemory(lent.userfaultfd(), lent.pagemap(), base);
  }

  @Override
  public List<MemoryRegion> regions() {
    return vm.regions();
  }

  @Override
  public void beginProtection() {
    vm.beginProtection();
  }

  @Override
  public void endProtection() {
    vm.endProtection();
  }

  @Override
  public void pause() {
    vm.pause();
  }

  @Override
  public byte[] deviceState() {
    return vm.deviceState();
  }

  @Override
  public SnapshotVm describe(byte[] deviceState) {
    return vm.describe(deviceState);
  }

  @Override
  public void resume() {
    vm.resume();
  }
}
