package io.faultline.memory;

import io.faultline.uffd.Errno;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageRegions;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.PagemapQuery;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A dirty log by write protection, for the memory of any process: the kernel lifts the protection
 * of a page by itself when it is written ({@link Feature#WP_ASYNC}), and PAGEMAP_SCAN reads and
 * protects the written pages again in one step ({@code Documentation/admin-guide/mm/pagemap.rst}).
 * Nobody ever waits in a fault. What counts is the page of the backing: of a huge page that was
 * written, all base pages are told.
 *
 * <p>A write that the processor did before the scan protected its page is in memory when the scan
 * is over, and one after that finds the page protected: that is the rule of {@link DirtyLog}. It
 * holds for accesses through the kernel's page table to the guest mappings; whoever goes past them
 * (a software TLB over a simulated kernel, the transfer mapping) has to see to it himself.
 *
 * <p>The regions must stay mapped until it is closed.
 */
public final class WriteProtectDirtyLog implements DirtyLog {
  /** Runs of written pages told by one system call; their buffer takes 96 KiB. */
  private static final int RUNS = 4096;

  private final Kernel kernel;
  private final List<MemoryRegion> regions;
  private final PageRegions found = new PageRegions(RUNS);
  private @Nullable Userfaultfd uffd;
  private @Nullable Pagemap pagemap;

  /**
   * @param regions whose guest mappings are watched, none of which another userfaultfd watches
   */
  public WriteProtectDirtyLog(Kernel kernel, List<MemoryRegion> regions) {
    this.kernel = kernel;
    this.regions = List.copyOf(regions);
  }

  @Override
  public String name() {
    return "write-protect";
  }

  /**
   * {@inheritDoc}
   *
   * <p>Protects all pages, those that are not there yet included: about 20 ms for each GiB.
   */
  @Override
  public void start() {
    if (uffd != null) {
      throw new IllegalStateException("the dirty log was started before");
    }
    Set<Feature> features = features();
    requireSupported(features);
    uffd = kernel.openUserfaultfd(OpenOptions.of(features.toArray(Feature[]::new)));
    try {
      pagemap = kernel.openPagemap();
      for (MemoryRegion region : regions) {
        protect(uffd, region);
      }
    } catch (RuntimeException | Error e) {
      closeAll();
      throw e;
    }
  }

  @Override
  public void collect(MemoryRegion region, PageBitmap into) {
    if (pagemap == null) {
      throw new IllegalStateException("the dirty log was not started, or is closed");
    }
    if (!regions.contains(region)) {
      throw new IllegalArgumentException("region " + region.name() + " is not watched");
    }
    long start = region.guest().address();
    long end = start + region.sizeBytes();
    long at = start;
    while (at < end) {
      pagemap.scan(at, end, PagemapQuery.GET_AND_CLEAR_WRITTEN, found);
      // Before anything else: these pages are protected again, so nobody tells them twice.
      for (int i = 0; i < found.size(); i++) {
        into.set(page(region, found.start(i)), page(region, found.end(i)));
      }
      // The walk ends early only where the buffer is full, so that it has come further.
      if (found.walkEnd() <= at) {
        throw new IllegalStateException("PAGEMAP_SCAN stopped at 0x" + Long.toHexString(at));
      }
      at = found.walkEnd();
    }
  }

  @Override
  public void close() {
    if (uffd == null) {
      return;
    }
    try {
      // Closing alone would leave the protection of each page to be lifted by a fault.
      for (MemoryRegion region : regions) {
        uffd.unregister(region.guest().address(), region.sizeBytes());
      }
    } finally {
      closeAll();
    }
  }

  private Set<Feature> features() {
    Set<Feature> features = EnumSet.of(Feature.WP_ASYNC, Feature.WP_UNPOPULATED);
    if (regions.stream().anyMatch(WriteProtectDirtyLog::isShmemOrHuge)) {
      features.add(Feature.WP_HUGETLBFS_SHMEM);
    }
    return features;
  }

  private static boolean isShmemOrHuge(MemoryRegion region) {
    return region.backing().isShared() || region.backing().pageSize().isHuge();
  }

  /** Where userfaultfd is refused altogether, opening it tells why. */
  private void requireSupported(Set<Feature> features) {
    Set<Feature> supported = kernel.supportedFeatures();
    Set<Feature> lacking = EnumSet.copyOf(features);
    lacking.removeAll(supported);
    if (!supported.isEmpty() && !lacking.isEmpty()) {
      throw new SystemCallException(
          "UFFDIO_API(features=" + features + ")",
          Errno.EINVAL,
          "this kernel lacks "
              + lacking
              + ", which the write-protect dirty log needs (Linux 6.7 and later have it);"
              + " choose the VM's own dirty log");
    }
  }

  private static void protect(Userfaultfd uffd, MemoryRegion region) {
    long address = region.guest().address();
    uffd.register(address, region.sizeBytes(), Set.of(RegisterMode.WRITE_PROTECT));
    long result = uffd.writeProtect(address, region.sizeBytes(), ProtectMode.PROTECT);
    if (FillResult.errno(result) != 0) {
      throw new SystemCallException(
          "UFFDIO_WRITEPROTECT(region " + region.name() + ")", FillResult.errno(result));
    }
  }

  private static long page(MemoryRegion region, long address) {
    return (address - region.guest().address()) / region.basePageBytes();
  }

  private void closeAll() {
    if (pagemap != null) {
      pagemap.close();
      pagemap = null;
    }
    if (uffd != null) {
      uffd.close();
      uffd = null;
    }
  }
}
