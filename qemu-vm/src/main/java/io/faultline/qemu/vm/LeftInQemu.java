package io.faultline.qemu.vm;

import io.faultline.memory.MemoryRegion;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.state.DeviceState;
import io.faultline.uffd.Feature;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.injection.LeftUserfaultfds;
import io.faultline.uffd.linux.process.MemoryArea;
import io.faultline.uffd.linux.process.MemoryAreas;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.util.Set;

/**
 * What nodes that were killed left in a QEMU. For a node that holds the {@link RamLock}: so none
 * that lives uses it.
 *
 * <p>A source node leaves the userfaultfd of its dirty log, which is the only user of {@link
 * Feature#WP_ASYNC}. A destination node leaves one by which pages are still to be placed: without
 * it, the guest would find zeros.
 */
final class LeftInQemu {
  private static final Set<String> PAGES_TO_COME = Set.of("um", "ui");

  private final PidFd process;
  private final LeftUserfaultfds userfaultfds;

  LeftInQemu(LinuxKernel kernel, PidFd process) {
    this.process = process;
    userfaultfds = new LeftUserfaultfds(kernel, process);
  }

  /**
   * Closes what a source node left, and what any node left that was killed before it had used it.
   *
   * @throws IOException if a destination node was killed before all pages of the guest were there
   */
  void clean(MemoryRegion ram) throws IOException {
    clean(ram.guest().address(), ram.sizeBytes());
  }

  /** Closes descriptors that a node had handed to QEMU for a moment, over the same monitor. */
  static void closeDescriptors(QmpConnection monitor) throws IOException, InterruptedException {
    GuestUserfaultfds.closeLeft(monitor);
    DeviceState.closeLeftSocket(monitor);
  }

  /** As {@link #clean(MemoryRegion)}, for a mapping in QEMU's process. */
  void clean(long address, long lengthBytes) throws IOException {
    try {
      var _ = userfaultfds.closeUninitialised();
      var _ = userfaultfds.close(Feature.WP_ASYNC, address, lengthBytes);
      if (!userfaultfds.features().isEmpty() && lacksPages(address, lengthBytes)) {
        throw new IOException(
            "not all pages of this guest have arrived in "
                + process
                + ", whose destination node has ended: finish that migration first");
      }
    } catch (SystemCallException e) {
      throw new IOException("what a killed node left in QEMU: " + e.getMessage(), e);
    }
  }

  private boolean lacksPages(long address, long lengthBytes) {
    for (MemoryArea area : MemoryAreas.withFlags(process.pid())) {
      boolean overlaps = area.start() < address + lengthBytes && address < area.end();
      if (overlaps && area.flags().stream().anyMatch(PAGES_TO_COME::contains)) {
        return true;
      }
    }
    return false;
  }
}
