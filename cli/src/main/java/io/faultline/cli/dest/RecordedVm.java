package io.faultline.cli.dest;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.MemoryRegion;
import java.util.List;

/** Runs a task once the VM is built, before the source pauses it: the task may allocate. */
final class RecordedVm extends ForwardingVm {
  private final Runnable onPrepared;

  RecordedVm(IncomingVm vm, Runnable onPrepared) {
    super(vm);
    this.onPrepared = onPrepared;
  }

  @Override
  public List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    List<MemoryRegion> regions = super.prepare(type, configuration, announced);
    onPrepared.run();
    return regions;
  }
}
