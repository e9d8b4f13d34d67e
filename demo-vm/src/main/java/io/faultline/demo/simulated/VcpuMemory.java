package io.faultline.demo.simulated;

import io.faultline.memory.GuestAccess;
import io.faultline.memory.PageBitmap;

/** Guest memory as one vCPU accesses it. Confined to its thread, except where noted. */
interface VcpuMemory extends GuestWords, AutoCloseable {
  /** Forgets which pages can be accessed without looking. */
  void flush();

  /** An access to one of these pages from now on is a memory error. Any thread. */
  void lose(PageBitmap pages);

  /** Once the thread has ended. */
  @Override
  void close();

  /** Opens the memory of a vCPU. */
  interface Opener {
    /**
     * Opens it.
     *
     * @param faults is notified of accesses that may wait for a page
     */
    VcpuMemory open(GuestAccess.FaultListener faults);
  }
}
