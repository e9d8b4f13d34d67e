package io.faultline.paging;

import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Memory larger than RAM: regions that are backed by stores, of which a bounded buffer holds what
 * is in use.
 *
 * <pre>
 *   try (Pager pager = Pager.open(new LinuxKernel(), PagerOptions.of(512L &lt;&lt; 20));
 *       FileStore store = FileStore.open(path, 2L &lt;&lt; 30);
 *       PagedRegion region = pager.map(store, 2L &lt;&lt; 30);
 *       PagedAccess access = region.access()) {
 *     access.putLong(0, 42);
 *     region.flushAll();
 *   }
 * </pre>
 *
 * <p>Needs UFFDIO_MOVE (Linux 6.8). Thread-safe.
 */
public final class Pager implements AutoCloseable {
  private static final Set<RegisterMode> REGION_MODES =
      Set.of(RegisterMode.MISSING, RegisterMode.WRITE_PROTECT);
  private static final Set<RegisterMode> STAGING_MODES = Set.of(RegisterMode.MISSING);

  private final PagerCore core;
  private final Arena arena;
  private final WatchedSpace space;
  private final Pagemap pagemap;
  private final PrivateBacking backing;
  private final List<FaultHandler> handlers = new ArrayList<>();
  private final List<Thread> filling = new ArrayList<>();
  private boolean closed;

  private Pager(PagerCore core, Arena arena, Userfaultfd uffd, Pagemap pagemap) {
    this.core = core;
    this.arena = arena;
    this.space = new WatchedSpace(uffd);
    this.pagemap = pagemap;
    this.backing = new PrivateBacking(core.context, core.placement, pagemap);
  }

  /**
   * Opens a pager and starts its threads.
   *
   * @throws IllegalArgumentException if the buffer is too small; the message says what is needed
   * @throws SystemCallException if the kernel lacks a feature or refuses userfaultfd
   */
  public static Pager open(Kernel kernel, PagerOptions options) {
    int pageBytes = Math.toIntExact(kernel.pageSizeBytes(PageSize.BASE));
    long pages = options.pages(pageBytes, PagerOptions.LEAST_BUFFER_PAGES);
    Userfaultfd uffd =
        kernel.openUserfaultfd(
            OpenOptions.of(
                Feature.MOVE,
                Feature.POISON,
                Feature.PAGEFAULT_FLAG_WP,
                Feature.EVENT_REMAP,
                Feature.EVENT_UNMAP));
    Arena arena = Arena.ofShared();
    try {
      PagerCore core =
          new PagerCore(
              kernel,
              arena,
              pageBytes,
              pages,
              options,
              bytes -> PagerMemory.map(kernel, uffd, bytes, STAGING_MODES));
      Pager pager = new Pager(core, arena, uffd, kernel.openPagemap());
      pager.start(options);
      return pager;
    } catch (RuntimeException e) {
      uffd.close();
      arena.close();
      throw e;
    }
  }

  private void start(PagerOptions options) {
    for (int i = 0; i < options.handlers(); i++) {
      handlers.add(core.newHandler(space));
    }
    for (int i = 0; i < options.handlers(); i++) {
      filling.add(PagerCore.start("faultline-pager-" + i, handlers.get(i)));
    }
    core.start(options.writers());
  }

  /** As {@link #map(PageStore, long, RegionOptions)}, writable and without a budget of its own. */
  public PagedRegion map(PageStore store, long lengthBytes) {
    return map(store, lengthBytes, RegionOptions.DEFAULT);
  }

  /**
   * Maps a region over a store. (For a part of a store see {@code StoreRange}.)
   *
   * @param lengthBytes positive; the last page may reach beyond it, and shows zeros there that are
   *     never written
   * @throws IllegalArgumentException if the store is smaller than the region, needs a larger
   *     alignment than a page, or is read-only and the region is not; or if the budget is
   *     impossible beside those of other regions
   */
  public synchronized PagedRegion map(PageStore store, long lengthBytes, RegionOptions options) {
    if (closed) {
      throw new IllegalStateException("the pager is closed");
    }
    RegionPlan plan = core.plan(store, lengthBytes, options);
    try {
      return map(plan);
    } catch (RuntimeException e) {
      core.giveUp(plan);
      throw e;
    }
  }

  private PagedRegion map(RegionPlan plan) {
    Kernel kernel = core.context.kernel();
    int pageBytes = core.context.pageBytes();
    long mapped = (plan.lengthBytes() + pageBytes - 1) & -(long) pageBytes;
    long address = PagerMemory.map(kernel, space.uffd, mapped, REGION_MODES);
    long data = kernel.dataAddress(address);
    try {
      return new PagedRegion(core, core.add(space, backing, address, data, plan));
    } catch (RuntimeException e) {
      kernel.unmap(address, mapped);
      throw e;
    }
  }

  /** What it has done so far. */
  public PagerStats stats() {
    return core.stats();
  }

  /**
   * Flushes and closes all regions, then ends.
   *
   * @throws PagingException if a store fails; that region and the pager stay open
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    for (Region region : core.context.regions().all()) {
      new PagedRegion(core, region).close();
    }
    closed = true;
    core.stopLeaving(); // unmapping is an event, for which the handlers must be there
    handlers.forEach(FaultHandler::stop);
    filling.forEach(PagerCore::join);
    space.uffd.close();
    pagemap.close();
    arena.close();
  }
}
