package io.faultline.cli.dest;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.MemoryRegion;
import java.util.List;

/**
 * A VM that may arrive during a rehearsal. The source is notified that memory is prepared, and so
 * may pause the VM, only after the rehearsal.
 */
final class RehearsalAwaitingVm extends ForwardingVm {
  private final Thread rehearsal;
  private final Runnable afterwards;

  /**
   * @param afterwards runs after the rehearsal, before the source is notified
   */
  RehearsalAwaitingVm(IncomingVm vm, Thread rehearsal, Runnable afterwards) {
    super(vm);
    this.rehearsal = rehearsal;
    this.afterwards = afterwards;
  }

  @Override
  public List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    List<MemoryRegion> regions = super.prepare(type, configuration, announced);
    try {
      rehearsal.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IncomingVmException("interrupted during the rehearsal", e);
    }
    afterwards.run();
    return regions;
  }
}
