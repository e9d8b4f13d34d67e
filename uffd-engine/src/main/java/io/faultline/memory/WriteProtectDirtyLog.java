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
 * A dirty log by write protection, for any process: the kernel removes the protection of a page on
 * the first write without notifying anyone ({@link Feature#WP_ASYNC}), and PAGEMAP_SCAN reads the
 * written pages and protects them again in one step ({@code
 * Documentation/admin-guide/mm/pagemap.rst}). No thread ever waits in a fault. The granularity is
 * the page of the backing: for a write to a huge page, all of its base pages are reported.
 *
 * <p>A write before the scan protects its page is in memory when the scan ends, and a later write
 * finds the page protected: this is the guarantee of {@link DirtyLog}. It covers accesses to the
 * guest mappings through the kernel's page table only, not those that bypass it (a software TLB
 * over a simulated kernel, the transfer mapping).
 *
 * <p>The regions must stay mapped until the log is closed.
 */
public final class WriteProtectDirtyLog implements DirtyLog {
  /** The maximum number of runs that one system call returns; their buffer takes 96 KiB. */
  private static final int RUNS = 4096;

  private final Kernel kernel;
  private final List<MemoryRegion> regions;
  private final PageRegions found = new PageRegions(RUNS);
  private @Nullable Userfaultfd uffd;
  private @Nullable Pagemap pagemap;

  /**
   * @param regions the regions whose guest mappings are watched; none may be registered with
   *     another userfaultfd
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
   * <p>Protects all pages, missing ones included: about 20 ms per GiB.
   */
  @Override
  public void start() {
    if (uffd != null) {
      throw new IllegalStateException("the dirty log is already started");
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
      throw new IllegalStateException("the dirty log is not started, or is closed");
    }
    if (!regions.contains(region)) {
      throw new IllegalArgumentException("region " + region.name() + " is not watched");
    }
    long start = region.guest().address();
    long end = start + region.sizeBytes();
    long at = start;
    while (at < end) {
      pagemap.scan(at, end, PagemapQuery.GET_AND_CLEAR_WRITTEN, found);
      // Record them first: these pages are protected again, so no later scan reports them.
      for (int i = 0; i < found.size(); i++) {
        into.set(page(region, found.start(i)), page(region, found.end(i)));
      }
      // The walk ends early only if the buffer is full, so it has always advanced.
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
      // After close alone, each page would take a fault to remove its protection.
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

  /** Passes if the kernel refuses userfaultfd altogether: then opening it fails with the reason. */
  private void requireSupported(Set<Feature> features) {
    Set<Feature> supported = kernel.supportedFeatures();
    Set<Feature> missing = EnumSet.copyOf(features);
    missing.removeAll(supported);
    if (!supported.isEmpty() && !missing.isEmpty()) {
      throw new SystemCallException(
          "UFFDIO_API(features=" + features + ")",
          Errno.EINVAL,
          "this kernel lacks "
              + missing
              + ", which the write-protect dirty log needs (Linux 6.7 or later);"
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
