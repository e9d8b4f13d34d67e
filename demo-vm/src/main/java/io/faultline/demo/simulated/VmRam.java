package io.faultline.demo.simulated;

import io.faultline.memory.DirtyLog;
import io.faultline.memory.GuestAccess;
import io.faultline.memory.MemoryRegion;
import java.util.function.BooleanSupplier;

/**
 * The RAM of a simulated VM, one region with id 0: how its vCPUs access it, and how a migration
 * does. Thread-safe, except {@link #close}.
 */
abstract sealed class VmRam implements AutoCloseable permits MappedRam, PagedRam {
  static final int REGION_ID = 0;
  static final String REGION_NAME = "ram";

  /** The RAM as a migration sees it. Valid until {@link #close}. */
  abstract MemoryRegion region();

  /** Writes the initial contents; once, before a vCPU accesses them. */
  abstract void fill(RamFill contents);

  /**
   * Opens the RAM for a vCPU.
   *
   * @param faults is notified of accesses that may wait for a page
   */
  abstract VcpuMemory open(GuestAccess.FaultListener faults);

  /**
   * The dirty log of whatever checks the vCPUs' accesses. One at a time.
   *
   * @param flushTlbs returns when each vCPU has flushed its TLB since the call, or will before its
   *     next operation; throws if that fails
   * @param stopped whether no vCPU can run
   */
  abstract DirtyLog dirtyLog(Runnable flushTlbs, BooleanSupplier stopped);

  /**
   * The dirty log of the kernel's write protection. One at a time.
   *
   * @param flushTlbs as for {@link #dirtyLog}
   * @throws UnsupportedOperationException if something else uses the write protection
   */
  abstract DirtyLog writeProtectLog(Runnable flushTlbs);

  /**
   * Sets whether every store is a native one, which write protection may stop. Takes effect once
   * the TLBs have been flushed.
   *
   * @throws UnsupportedOperationException if something else uses the write protection
   */
  abstract void checkEveryStore(boolean every);

  /** The digest of all of it. All pages must be present, and none may change meanwhile. */
  abstract MemoryDigest digest();

  /** Once no vCPU accesses it any more. */
  @Override
  public abstract void close();
}
