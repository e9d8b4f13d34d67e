package io.faultline.restore.firecracker;

import io.faultline.uffd.linux.MessageMemory;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a VM's memory beyond its handshake.
 *
 * @param zeroed pages that are zeros
 * @param memory for messages of its userfaultfd; null for memory of this process
 */
record VmState(ZeroedPages zeroed, @Nullable MessageMemory memory) {
  /** State that ends with this process. */
  static VmState unheld(long pages, Arena arena) {
    return new VmState(
        new ZeroedPages(arena.allocate(ZeroedPages.bytes(pages), Long.BYTES), pages), null);
  }
}
