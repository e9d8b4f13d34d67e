package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.snapshot.file.SnapshotException;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.Userfaultfd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Whether memory can be lent to a snapshot while it arrives. */
final class MemoryLoan {
  private static final Path SWAPS = Path.of("/proc/swaps");

  private MemoryLoan() {}

  /**
   * What the userfaultfd must be opened with: a page that arrives can be write-protected.
   *
   * @return none if the kernel lacks them: then nothing is lent
   */
  static Set<Feature> features(Kernel kernel, List<MemoryRegion> regions) {
    Set<Feature> wanted = features(regions);
    return kernel.supportedFeatures().containsAll(wanted) ? wanted : Set.of();
  }

  private static Set<Feature> features(List<MemoryRegion> regions) {
    Set<Feature> wanted = EnumSet.of(Feature.PAGEFAULT_FLAG_WP);
    for (MemoryRegion region : regions) {
      if (region.backing().isShared() || region.backing().pageSize().isHuge()) {
        wanted.add(Feature.WP_HUGETLBFS_SHMEM);
      }
    }
    return wanted;
  }

  /**
   * @throws SnapshotException if it cannot be lent, with the reason
   */
  static void requirePossible(
      Userfaultfd userfaultfd, List<MemoryRegion> regions, boolean continued) {
    if (continued) {
      throw new SnapshotException(
          "the VM's memory arrives with placement continue, where a snapshot cannot tell which"
              + " pages are there: take it when all of the memory is there, or use placement copy");
    }
    Set<Feature> missing = features(regions);
    missing.removeAll(userfaultfd.features());
    if (!missing.isEmpty()) {
      throw new SnapshotException(
          "not all of the VM's memory is there, and this kernel lacks "
              + missing
              + " to save it meanwhile: take the snapshot when all is there");
    }
    for (MemoryRegion region : regions) {
      if (region.backing().isShared() && !region.backing().pageSize().isHuge() && hasSwap()) {
        throw new SnapshotException(
            "not all of the VM's memory is there, and this machine has swap: pages of region "
                + region.name()
                + " that were swapped out look as if they had not arrived; take the snapshot when"
                + " all is there, or restore with --backing anonymous");
      }
    }
  }

  /** Whether the machine can swap; no if it does not say so. */
  private static boolean hasSwap() {
    try {
      return Files.readAllLines(SWAPS).size() > 1; // the first line is the heading
    } catch (IOException e) {
      return false;
    }
  }
}
