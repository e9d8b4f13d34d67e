package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The regions as they are registered with a userfaultfd of their own, for the fault types of their
 * placement. Thread-safe until it is closed.
 *
 * @param pagemap of the process that the guest mappings are in
 * @param transferPagemap of the process that the transfer mappings are in: this one
 * @param takenOver whether another process had opened the userfaultfd
 */
record MemoryRegistration(
    List<MemoryRegion> regions,
    Userfaultfd userfaultfd,
    Pagemap pagemap,
    Pagemap transferPagemap,
    boolean takenOver)
    implements AutoCloseable {

  /** Opens a userfaultfd and registers the regions. */
  static MemoryRegistration open(Kernel kernel, List<MemoryRegion> regions, Placement placement) {
    return open(kernel, regions, placement, Set.of());
  }

  /**
   * The same.
   *
   * @param more features of the userfaultfd besides those of the placement
   */
  static MemoryRegistration open(
      Kernel kernel, List<MemoryRegion> regions, Placement placement, Set<Feature> more) {
    return open(kernel, regions, placement, more, false);
  }

  /**
   * As {@link #open}, where the kernel opens the userfaultfd of a node that was killed. If it
   * fails, that stays open and registered for the next node: the vCPUs would find zeros in missing
   * pages.
   */
  static MemoryRegistration takeOver(
      Kernel kernel, List<MemoryRegion> regions, Placement placement) {
    return open(kernel, regions, placement, Set.of(), true);
  }

  /** The userfaultfd first: its opener can tell that the process of the VM is ending. */
  private static MemoryRegistration open(
      Kernel kernel,
      List<MemoryRegion> regions,
      Placement placement,
      Set<Feature> more,
      boolean takenOver) {
    Set<Feature> features = features(regions, placement);
    features.addAll(more);
    Userfaultfd userfaultfd =
        kernel.openUserfaultfd(OpenOptions.of(features.toArray(Feature[]::new)));
    @Nullable Pagemap pagemap = null;
    @Nullable Pagemap transferPagemap = null;
    try {
      pagemap = kernel.openPagemap();
      transferPagemap = kernel.openTransferPagemap();
      for (MemoryRegion region : regions) {
        userfaultfd.register(region.guest().address(), region.sizeBytes(), modes(placement));
      }
      return new MemoryRegistration(regions, userfaultfd, pagemap, transferPagemap, takenOver);
    } catch (RuntimeException | Error e) {
      giveUp(userfaultfd, takenOver);
      if (pagemap != null) {
        pagemap.close();
      }
      if (transferPagemap != null) {
        transferPagemap.close();
      }
      throw e;
    }
  }

  private static void giveUp(Userfaultfd userfaultfd, boolean takenOver) {
    if (takenOver) {
      userfaultfd.detach();
    } else {
      userfaultfd.close();
    }
  }

  /** Nothing was placed yet, and nothing will be: as after a failure of {@link #open}. */
  void giveUp() {
    giveUp(userfaultfd, takenOver);
    closePageTables();
  }

  static Set<RegisterMode> modes(Placement placement) {
    return placement == Placement.CONTINUE
        ? Set.of(RegisterMode.MISSING, RegisterMode.MINOR)
        : Set.of(RegisterMode.MISSING);
  }

  static Set<Feature> features(List<MemoryRegion> regions, Placement placement) {
    boolean minor = placement == Placement.CONTINUE;
    Set<Feature> features = EnumSet.noneOf(Feature.class);
    for (MemoryRegion region : regions) {
      boolean huge = region.backing().pageSize().isHuge();
      if (huge || region.backing().isShared()) {
        features.add(huge ? Feature.MISSING_HUGETLBFS : Feature.MISSING_SHMEM);
      }
      if (minor) {
        features.add(huge ? Feature.MINOR_HUGETLBFS : Feature.MINOR_SHMEM);
      }
    }
    return features;
  }

  /** Wakes every waiting vCPU: it faults again. */
  void wakeAll() {
    for (MemoryRegion region : regions) {
      userfaultfd.wake(region.guest().address(), region.sizeBytes());
    }
  }

  /** Unregisters the regions: a vCPU that still waits for a page continues with zeros. */
  @Override
  public void close() {
    try {
      for (MemoryRegion region : regions) {
        userfaultfd.unregister(region.guest().address(), region.sizeBytes());
      }
    } finally {
      userfaultfd.close();
      closePageTables();
    }
  }

  /** Leaves the regions registered for another process: a vCPU that waits for a page waits on. */
  void detach() {
    userfaultfd.detach();
    closePageTables();
  }

  private void closePageTables() {
    pagemap.close();
    transferPagemap.close();
  }
}
