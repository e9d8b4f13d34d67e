package io.faultline.cli.status;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.util.List;

/** Tells the status of a destination: before the source hears, and before the VM runs. */
public record StatusReportingVm(StatusFile status, IncomingVm vm) implements IncomingVm {
  @Override
  public List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    status.tell(OwnershipStep.RECEIVING);
    return vm.prepare(type, configuration, announced);
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) throws IncomingVmException {
    vm.loadDeviceState(state, clockOffsetNanos);
    status.tell(OwnershipStep.READY);
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    status.tell(OwnershipStep.RUNNING);
    vm.start(onFirstInstruction);
  }

  @Override
  public boolean lose(List<PageBitmap> lost) {
    status.tell(OwnershipStep.POISONED);
    return vm.lose(lost);
  }

  @Override
  public boolean isClearOfLost() {
    return vm.isClearOfLost();
  }

  @Override
  public void abandon() {
    vm.abandon();
    status.tell(OwnershipStep.STOPPED);
  }
}
