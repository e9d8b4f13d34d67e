package io.faultline.demo.simulated;

import io.faultline.memory.Backing;
import io.faultline.memory.DirtyBits;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.GuestAccess;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.WriteProtectDirtyLog;
import io.faultline.uffd.Kernel;
import java.util.List;
import java.util.function.BooleanSupplier;

/** RAM that is mapped as a whole. Each vCPU accesses it through a software TLB. */
final class MappedRam extends VmRam {
  private final Kernel kernel;
  private final MemoryRegion region;
  private final DirtyBits dirty = new DirtyBits();

  private MappedRam(Kernel kernel, MemoryRegion region) {
    this.kernel = kernel;
    this.region = region;
  }

  /**
   * Maps RAM, without touching it.
   *
   * @throws io.faultline.uffd.SystemCallException if the kernel refuses the memory
   */
  static MappedRam map(Kernel kernel, Backing backing, long bytes) {
    return new MappedRam(kernel, MemoryRegion.map(kernel, REGION_ID, REGION_NAME, backing, bytes));
  }

  @Override
  MemoryRegion region() {
    return region;
  }

  @Override
  void fill(RamFill contents) {
    contents.fill(region);
  }

  @Override
  VcpuMemory open(GuestAccess.FaultListener faults) {
    return new TlbWords(new GuestAccess(kernel, region, faults, dirty));
  }

  /** That of the software TLB: exact to the base page on every backing. */
  @Override
  DirtyLog dirtyLog(Runnable flushTlbs, BooleanSupplier stopped) {
    return new FlushedDirtyLog(new MmuDirtyLog(region, dirty), flushTlbs);
  }

  @Override
  DirtyLog writeProtectLog(Runnable flushTlbs) {
    DirtyLog log = new WriteProtectDirtyLog(kernel, List.of(region));
    // The processor checks each plain store against the page table of the real kernel. A simulated
    // kernel sees only accesses that miss the TLB: its data is at other addresses than its pages.
    boolean checkedByProcessor = region.guest().dataAddress(0) == region.guest().address();
    return checkedByProcessor ? log : new FlushedDirtyLog(log, flushTlbs);
  }

  @Override
  void checkEveryStore(boolean every) {
    dirty.checkEveryStore(every);
  }

  @Override
  MemoryDigest digest() {
    return MemoryDigest.of(region);
  }

  @Override
  public void close() {
    region.close();
  }
}
