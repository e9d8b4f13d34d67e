package io.faultline.cli.dest;

import com.google.protobuf.ByteString;
import io.faultline.cli.status.OwnershipStep;
import io.faultline.cli.status.StatusFile;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.util.List;

/**
 * Updates a destination's status at each step by which ownership of the VM may change: before the
 * source is notified, and before the VM runs.
 */
final class StatusReportingVm extends ForwardingVm {
  private final StatusFile status;

  StatusReportingVm(IncomingVm vm, StatusFile status) {
    super(vm);
    this.status = status;
  }

  @Override
  public List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    status.update(OwnershipStep.RECEIVING);
    return super.prepare(type, configuration, announced);
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) throws IncomingVmException {
    super.loadDeviceState(state, clockOffsetNanos);
    loaded();
  }

  @Override
  void loaded() {
    status.update(OwnershipStep.READY);
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    status.update(OwnershipStep.RUNNING);
    super.start(onFirstInstruction);
  }

  @Override
  public boolean lose(List<PageBitmap> lost) {
    status.update(OwnershipStep.POISONED);
    return super.lose(lost);
  }

  @Override
  public void abandon() {
    super.abandon();
    status.update(OwnershipStep.STOPPED);
  }
}
