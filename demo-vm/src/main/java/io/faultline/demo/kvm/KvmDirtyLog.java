package io.faultline.demo.kvm;

import io.faultline.demo.kvm.linux.Capability;
import io.faultline.demo.kvm.linux.KvmMachine;
import io.faultline.demo.kvm.linux.MemorySlot;
import io.faultline.demo.kvm.linux.SlotDirtyLog;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import java.util.HashMap;
import java.util.Map;

/**
 * KVM's own dirty log, with a granularity of 4 KiB even on huge pages. It contains only writes by
 * vCPUs; nothing else writes to the memory of these VMs. Close it before the VM.
 */
public final class KvmDirtyLog implements DirtyLog {
  /**
   * Argument of {@link Capability#MANUAL_DIRTY_LOG_PROTECT2}: write-protect pages when they are
   * cleared, not when they are read.
   */
  private static final long MANUAL_PROTECT_ENABLE = 1;

  private final KvmVm vm;
  private final Map<Integer, SlotDirtyLog> logs = new HashMap<>();

  public KvmDirtyLog(KvmVm vm) {
    this.vm = vm;
  }

  @Override
  public String name() {
    return "kvm";
  }

  @Override
  public void start() {
    KvmMachine machine = vm.parts().machine();
    machine.enable(Capability.MANUAL_DIRTY_LOG_PROTECT2, MANUAL_PROTECT_ENABLE);
    for (MemoryRegion region : vm.regions()) {
      MemorySlot slot = GuestLayout.slot(region);
      if (!slot.readOnly()) {
        machine.setMemory(slot, true);
        logs.put(region.id(), machine.dirtyLog(slot));
      }
    }
  }

  @Override
  public void collect(MemoryRegion region, PageBitmap into) {
    SlotDirtyLog log = logs.get(region.id());
    if (log == null) {
      return; // read-only memory is never written
    }
    assert region.basePageBytes() == SlotDirtyLog.PAGE_BYTES;
    log.collect(into::claim);
  }

  @Override
  public void close() {
    for (MemoryRegion region : vm.regions()) {
      SlotDirtyLog log = logs.remove(region.id());
      if (log != null) {
        log.close();
        vm.parts().machine().setMemory(GuestLayout.slot(region), false);
      }
    }
  }
}
