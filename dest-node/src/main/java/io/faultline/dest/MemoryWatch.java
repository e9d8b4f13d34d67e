package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Guest memory under userfaultfd, and what fills it. */
final class MemoryWatch implements AutoCloseable {
  private final Userfaultfd userfaultfd;
  private final Pagemap pagemap;
  private final List<MemoryRegion> regions;
  private final PageStream urgentStream;
  private final PageStream bulkStream;
  private final FaultReader faultReader;

  private MemoryWatch(
      Userfaultfd userfaultfd,
      Pagemap pagemap,
      List<MemoryRegion> regions,
      FaultReader.PageRequests requests,
      IncomingCounters counters) {
    this.userfaultfd = userfaultfd;
    this.pagemap = pagemap;
    this.regions = regions;
    IncomingRegions incoming = new IncomingRegions(regions);
    PagePlacer placer = new PagePlacer(userfaultfd, pagemap, counters);
    urgentStream = new PageStream(incoming, placer, counters.urgentPages);
    bulkStream = new PageStream(incoming, placer, counters.bulkPages);
    faultReader = new FaultReader(userfaultfd, incoming, requests, counters);
  }

  /** Registers all regions for missing faults. */
  static MemoryWatch start(
      Kernel kernel,
      List<MemoryRegion> regions,
      FaultReader.PageRequests requests,
      IncomingCounters counters) {
    Userfaultfd userfaultfd =
        kernel.openUserfaultfd(OpenOptions.of(features(regions).toArray(Feature[]::new)));
    try {
      return start(userfaultfd, kernel.openPagemap(), regions, requests, counters);
    } catch (RuntimeException | Error e) {
      userfaultfd.close();
      throw e;
    }
  }

  private static MemoryWatch start(
      Userfaultfd userfaultfd,
      Pagemap pagemap,
      List<MemoryRegion> regions,
      FaultReader.PageRequests requests,
      IncomingCounters counters) {
    try {
      for (MemoryRegion region : regions) {
        userfaultfd.register(
            region.guest().address(), region.sizeBytes(), Set.of(RegisterMode.MISSING));
      }
      return new MemoryWatch(userfaultfd, pagemap, regions, requests, counters);
    } catch (RuntimeException | Error e) {
      pagemap.close();
      throw e;
    }
  }

  Userfaultfd userfaultfd() {
    return userfaultfd;
  }

  PageStream urgentStream() {
    return urgentStream;
  }

  PageStream bulkStream() {
    return bulkStream;
  }

  FaultReader faultReader() {
    return faultReader;
  }

  /** Lets go: whoever still waits for a page goes on with zeros. No other thread may be in here. */
  @Override
  public void close() {
    try {
      for (MemoryRegion region : regions) {
        userfaultfd.unregister(region.guest().address(), region.sizeBytes());
      }
    } finally {
      userfaultfd.close();
      pagemap.close();
      urgentStream.close();
      bulkStream.close();
    }
  }

  private static Set<Feature> features(List<MemoryRegion> regions) {
    Set<Feature> features = EnumSet.noneOf(Feature.class);
    for (MemoryRegion region : regions) {
      if (region.backing().pageSize().isHuge()) {
        features.add(Feature.MISSING_HUGETLBFS);
      } else if (region.backing().isShared()) {
        features.add(Feature.MISSING_SHMEM);
      }
    }
    return features;
  }
}
