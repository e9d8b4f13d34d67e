package io.faultline.snapshot;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.Userfaultfd;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** All memory of a VM, registered for write protection. Closing it removes all protection. */
final class ProtectedMemory implements AutoCloseable {
  /** A write to a page larger than that would copy too much. */
  private static final long MAX_PAGE_BYTES = 4 << 20;

  final Userfaultfd uffd;
  final List<ProtectedRegion> regions = new ArrayList<>();
  private boolean released;

  private ProtectedMemory(Userfaultfd uffd) {
    this.uffd = uffd;
  }

  /**
   * @throws SnapshotException if this memory cannot be write-protected, with the reason
   */
  static ProtectedMemory register(
      Kernel kernel, List<MemoryRegion> memory, @Nullable ArrivingMemory arriving) {
    if (arriving != null) {
      return register(memory, arriving.userfaultfd());
    }
    memory.forEach(ProtectedMemory::requirePossible);
    Set<Feature> features = EnumSet.of(Feature.PAGEFAULT_FLAG_WP, Feature.WP_UNPOPULATED);
    if (memory.stream().anyMatch(region -> region.backing().isShared())) {
      features.add(Feature.WP_HUGETLBFS_SHMEM);
    }
    requireSupported(kernel, features);
    return register(
        memory, kernel.openUserfaultfd(OpenOptions.of(features.toArray(Feature[]::new))));
  }

  /**
   * @param uffd closed with it, also if this fails
   */
  private static ProtectedMemory register(List<MemoryRegion> memory, Userfaultfd uffd) {
    ProtectedMemory all = new ProtectedMemory(uffd);
    try {
      memory.forEach(ProtectedMemory::requirePossible);
      for (MemoryRegion region : memory) {
        ProtectedRegion next = new ProtectedRegion(all.regions.size(), region, all.uffd);
        next.register();
        all.regions.add(next);
      }
      return all;
    } catch (RuntimeException | Error e) {
      all.close();
      throw e;
    }
  }

  private static void requirePossible(MemoryRegion region) {
    if (region.isCopied()) {
      throw new SnapshotException(
          "region "
              + region.name()
              + " is the memory of a pager, which a snapshot cannot protect: run the VM without a"
              + " pager");
    }
    if (region.pageBytes() > MAX_PAGE_BYTES) {
      Backing backing = region.backing();
      throw new SnapshotException(
          "region "
              + region.name()
              + " is "
              + backing
              + ": each first write would copy a page of "
              + region.pageBytes()
              + " bytes; use pages of 2 MiB or 4 KiB");
    }
  }

  private static void requireSupported(Kernel kernel, Set<Feature> features) {
    Set<Feature> supported = kernel.supportedFeatures();
    if (!supported.isEmpty() && !supported.containsAll(features)) {
      throw new SnapshotException(
          "this kernel lacks "
              + features.stream().filter(feature -> !supported.contains(feature)).toList()
              + ", which snapshots need (Linux 6.4 or later)");
    }
  }

  /** The region that contains an address; null if none does. */
  @Nullable ProtectedRegion find(long address) {
    for (ProtectedRegion region : regions) {
      if (region.contains(address)) {
        return region;
      }
    }
    return null;
  }

  /** Removes all protection, and wakes all who wait. Any thread; idempotent. */
  synchronized void releaseAll() {
    if (!released) {
      released = true;
      regions.forEach(ProtectedRegion::unregister);
    }
  }

  /** Once no thread uses it any more; idempotent. */
  @Override
  public void close() {
    try {
      releaseAll();
    } finally {
      uffd.close();
    }
  }
}
