package io.faultline.demo.kvm;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.MemoryErrorException;
import java.util.List;

/** Which page of the VM it was that a vCPU could not have. */
final class LostPage {
  private LostPage() {}

  /** Names the page of a memory error that the kernel told by its address; else as it is. */
  static Throwable named(Throwable failure, List<MemoryRegion> regions) {
    if (failure instanceof MemoryErrorException error) {
      for (MemoryRegion region : regions) {
        long offset = error.address() - region.guest().address();
        if (offset >= 0 && offset < region.sizeBytes()) {
          String page =
              String.format(
                  "page %d of %s (offset 0x%x) is lost",
                  offset / region.basePageBytes(), region.name(), offset);
          return new MemoryErrorException(error.address(), page);
        }
      }
    }
    return failure;
  }
}
