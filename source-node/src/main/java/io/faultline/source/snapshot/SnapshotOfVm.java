package io.faultline.source.snapshot;

import io.faultline.memory.MemoryRegion;
import io.faultline.snapshot.RunningVm;
import io.faultline.snapshot.file.SnapshotRegion;
import io.faultline.snapshot.file.SnapshotVm;
import io.faultline.source.OutgoingVm;
import java.util.List;

/**
 * A VM that could migrate, as a snapshot sees it. Does not own the VM.
 *
 * @param vm must not migrate meanwhile
 */
public record SnapshotOfVm(OutgoingVm vm) implements RunningVm {
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
    return vm.deviceState().toByteArray();
  }

  @Override
  public SnapshotVm describe(byte[] deviceState) {
    return new SnapshotVm(
        vm.type(),
        vm.configuration().toByteArray(),
        vm.regions().stream().map(SnapshotOfVm::describe).toList(),
        deviceState);
  }

  private static SnapshotRegion describe(MemoryRegion region) {
    return new SnapshotRegion(
        region.id(),
        region.name(),
        region.sizeBytes(),
        region.pageBytes(),
        region.backing().toString());
  }

  @Override
  public void resume() {
    vm.resume();
  }
}
