package io.faultline.dest;

import io.faultline.dest.received.ReceivedPages;
import io.faultline.dest.received.ReceivedSnapshot;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.Capability;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.Arena;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Guest memory under userfaultfd, and what fills it. */
final class RegisteredMemory implements AutoCloseable {
  private final Kernel kernel;
  private final Userfaultfd userfaultfd;
  private final Pagemap pagemap;
  private final IncomingRegions regions;
  private final PagePlacer placer;
  private final CurrentPages current;
  private final boolean continued;
  private final PageStream urgentStream;
  private final BulkPageStreams bulkStreams;
  private final FaultReader faultReader;
  private volatile GuestPhase phase;
  private volatile boolean closed;

  /** The control loop's: whether what is missing never comes, and the VM does not use it. */
  private boolean lost;

  private RegisteredMemory(
      Kernel kernel,
      Userfaultfd userfaultfd,
      Pagemap pagemap,
      List<MemoryRegion> regions,
      MigrationParameters parameters,
      FaultReader.PageRequests requests,
      IncomingCounters counters) {
    this.kernel = kernel;
    this.userfaultfd = userfaultfd;
    this.pagemap = pagemap;
    this.regions = new IncomingRegions(regions);
    phase = parameters.precopy() ? GuestPhase.PRECOPY : GuestPhase.SWITCHOVER;
    continued = parameters.placement() == Placement.CONTINUE;
    placer = new PagePlacer(kernel, userfaultfd, pagemap, counters);
    current = new CurrentPages(continued ? regions : List.of());
    urgentStream =
        new PageStream(
            this.regions, target(), this::phase, counters.precopyPages, counters.urgentPages);
    bulkStreams =
        new BulkPageStreams(
            () ->
                new PageStream(
                    this.regions,
                    target(),
                    this::phase,
                    counters.precopyPages,
                    counters.bulkPages));
    FaultReader.LocalFaults known =
        continued ? new MinorFaults(current, placer)::resolve : (region, page) -> false;
    FaultReader.LocalFaults local =
        (region, page) -> known.resolve(region, page) || fillLost(region, page);
    faultReader = new FaultReader(userfaultfd, this.regions, local, requests, counters);
  }

  /** Registers all regions for the faults of their placement. */
  static RegisteredMemory start(
      Kernel kernel,
      List<MemoryRegion> regions,
      MigrationParameters parameters,
      FaultReader.PageRequests requests,
      IncomingCounters counters) {
    Set<Feature> features = features(regions, parameters.placement());
    Userfaultfd userfaultfd =
        kernel.openUserfaultfd(OpenOptions.of(features.toArray(Feature[]::new)));
    Pagemap pagemap = null;
    try {
      pagemap = kernel.openPagemap();
      for (MemoryRegion region : regions) {
        userfaultfd.register(
            region.guest().address(), region.sizeBytes(), modes(parameters.placement()));
      }
      return new RegisteredMemory(
          kernel, userfaultfd, pagemap, regions, parameters, requests, counters);
    } catch (RuntimeException | Error e) {
      userfaultfd.close();
      if (pagemap != null) {
        pagemap.close();
      }
      throw e;
    }
  }

  /** What both ends can do; before the first page. */
  void agree(Set<Capability> agreed) {
    urgentStream.agree(agreed);
    bulkStreams.agree(agreed);
  }

  Userfaultfd userfaultfd() {
    return userfaultfd;
  }

  IncomingRegions regions() {
    return regions;
  }

  PageStream urgentStream() {
    return urgentStream;
  }

  /** What one of the bulk connections brings. */
  PageStream bulkStream(int channel) {
    return bulkStreams.get(channel);
  }

  /** Control loop, before the first page: there are so many bulk connections; else there is one. */
  void provide(int channels) {
    bulkStreams.provide(channels);
  }

  FaultReader faultReader() {
    return faultReader;
  }

  GuestPhase phase() {
    return phase;
  }

  /** Whether pages are placed with CONTINUE. */
  boolean isContinued() {
    return continued;
  }

  /** No page comes before the guest runs. */
  void precopyEnded() {
    phase = GuestPhase.SWITCHOVER;
  }

  /** The guest is about to run here. */
  void guestStarts() {
    phase = GuestPhase.RUNNING;
  }

  /** What discards pages. */
  DiscardBatch discards() {
    return new DiscardBatch(kernel);
  }

  /** What maps the pages that are current. */
  CurrentMapper newMapper() {
    return new CurrentMapper(regions.all(), current, placer, pagemap);
  }

  /** A run of the stale set: whatever is not in it is current. */
  void setCurrent(MemoryRegion region, long first, long end, boolean stale) {
    if (!stale) {
      current.of(region).set(first, end);
    }
  }

  /** Bulk loop: what the bulk connections left unfinished never was. */
  void resetBulk() {
    bulkStreams.reset();
  }

  /** Control loop: the same of urgent pages. */
  void resetUrgent() {
    urgentStream.reset();
  }

  /** With placement copy: what is here, while nothing comes. */
  ReceivedPages presentPages() {
    return ReceivedPages.inPageTable(pagemap);
  }

  /** With placement continue: what is current now, while nothing comes; else null. */
  @Nullable ReceivedSnapshot snapshot() {
    return continued ? new ReceivedSnapshot(current.copy()) : null;
  }

  /**
   * Control loop: what is missing never comes.
   *
   * @param byVm whether the VM uses nothing that is brought in its place
   */
  void lose(LostPages pages, boolean byVm) {
    if (byVm) {
      lost = true;
    } else {
      pages.poison(userfaultfd);
    }
    wakeAll();
  }

  /** Control loop: poisons what the VM was seen to be clear of. */
  void poison(LostPages pages) {
    lost = false;
    pages.poisonInPlaceOfZeros(kernel, userfaultfd);
  }

  /** Zeros in the place of a lost page, for a vCPU that waits for it and will not use them. */
  private boolean fillLost(MemoryRegion region, long page) {
    if (!lost) {
      return false;
    }
    long offset = page / region.basePagesPerPage() * region.pageBytes();
    if (continued) {
      placer.map(region, offset, region.pageBytes());
    } else {
      try (Arena arena = Arena.ofConfined()) {
        long bytes = region.backing().pageSize().isHuge() ? region.pageBytes() : 0;
        long zeros = arena.allocate(bytes, 1).address();
        placer.placeZeros(region, offset, region.pageBytes(), zeros, false);
      }
    }
    return true;
  }

  /** Wakes all who wait: they fault again, and are asked for again. */
  void wakeAll() {
    for (MemoryRegion region : regions.all()) {
      userfaultfd.wake(region.guest().address(), region.sizeBytes());
    }
  }

  /** Whether it was let go. */
  boolean isClosed() {
    return closed;
  }

  /**
   * Puts zeros in the place of huge pages that never came, so that a vCPU that was stopped while it
   * waited for one can end: the pool may have no page for it, and then its last access would end
   * the process. With placement continue all pages were had before.
   */
  void zeroMissing() {
    ReceivedPages here = presentPages();
    for (MemoryRegion region : regions.all()) {
      if (region.backing().pageSize().isHuge() && !continued) {
        here.forEachMissing(region, (first, end) -> zero(region, first, end));
      }
    }
  }

  private void zero(MemoryRegion region, long first, long end) {
    long base = region.basePageBytes();
    kernel.replaceByZeros(region.guest().address(first * base), (end - first) * base);
  }

  /** Lets go: whoever still waits for a page goes on with zeros. No other thread may be in here. */
  @Override
  public void close() {
    closed = true;
    try {
      for (MemoryRegion region : regions.all()) {
        userfaultfd.unregister(region.guest().address(), region.sizeBytes());
      }
    } finally {
      userfaultfd.close();
      pagemap.close();
      urgentStream.close();
      bulkStreams.close();
    }
  }

  private PageTarget target() {
    return continued
        ? new ContinueTarget(current, current.newWindow(), placer, this::phase)
        : new CopyTarget(placer, regions.all(), this::phase);
  }

  private static Set<RegisterMode> modes(Placement placement) {
    return placement == Placement.CONTINUE
        ? Set.of(RegisterMode.MISSING, RegisterMode.MINOR)
        : Set.of(RegisterMode.MISSING);
  }

  private static Set<Feature> features(List<MemoryRegion> regions, Placement placement) {
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
}
