package io.faultline.cli.node;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.util.List;

/**
 * A VM that arrives while a rehearsal may be under way: its source hears that memory is prepared,
 * and so may pause it, when that is over.
 *
 * @param afterwards runs just before the source hears
 */
record RehearsingVm(IncomingVm vm, Thread rehearsal, Runnable afterwards) implements IncomingVm {
  @Override
  public List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    List<MemoryRegion> regions = vm.prepare(type, configuration, announced);
    try {
      rehearsal.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IncomingVmException("interrupted in its rehearsal", e);
    }
    afterwards.run();
    return regions;
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) throws IncomingVmException {
    vm.loadDeviceState(state, clockOffsetNanos);
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    vm.start(onFirstInstruction);
  }

  @Override
  public boolean lose(List<PageBitmap> lost) {
    return vm.lose(lost);
  }

  @Override
  public boolean isClearOfLost() {
    return vm.isClearOfLost();
  }

  @Override
  public void abandon() {
    vm.abandon();
  }
}
