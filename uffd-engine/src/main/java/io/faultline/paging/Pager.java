package io.faultline.paging;

import io.faultline.paging.table.FrameBudget;
import io.faultline.paging.table.PageState;
import io.faultline.paging.table.Run;
import io.faultline.paging.table.StagingRing;
import io.faultline.paging.table.StateTable;
import io.faultline.paging.table.StreamTable;
import io.faultline.uffd.Feature;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
  private static final int MAX_WINDOW = 256;
  private static final int MAX_STAGED = 4096;
  private static final int WINDOWS_PER_BUFFER = 64;
  private static final int LOW_WATER_SHARE = 16;
  private static final int STAGED_SHARE = 8;
  private static final int CALLER_LANES = 4;
  private static final Set<RegisterMode> REGION_MODES =
      Set.of(RegisterMode.MISSING, RegisterMode.WRITE_PROTECT);
  private static final Set<RegisterMode> STAGING_MODES = Set.of(RegisterMode.MISSING);

  private final PagerContext context;
  private final Arena arena;
  private final FaultService service;
  private final Flusher flusher;
  private final Discarder discarder;
  private final LanePool lanes;
  private final PinBudget pins;
  private final Evictor evictor;
  private final StagedWriters writers;
  private final List<FaultHandler> handlers = new ArrayList<>();
  private final List<Thread> filling = new ArrayList<>();
  private final List<Thread> leaving = new ArrayList<>();
  private boolean closed;

  private Pager(PagerContext context, Arena arena, PagerOptions options) {
    this.context = context;
    this.arena = arena;
    MappingEvents events = new MappingEvents(context);
    Placement placement = new Placement(context, events);
    this.service = new FaultService(context, placement);
    this.writers = new StagedWriters(context);
    this.evictor = new Evictor(context, writers);
    this.flusher = new Flusher(context, placement, writers, newLane());
    this.discarder = new Discarder(context, placement);
    this.lanes = new LanePool(arena, CALLER_LANES, windowBytes(), context.pageBytes());
    this.pins = new PinBudget(Math.max(1, context.frames().budget().total() / 2));
    for (int i = 0; i < options.handlers(); i++) {
      handlers.add(new FaultHandler(context, service, events, newLane()));
    }
  }

  /**
   * Opens a pager and starts its threads.
   *
   * @throws IllegalArgumentException if the buffer is too small; the message says what is needed
   * @throws SystemCallException if the kernel lacks a feature or refuses userfaultfd
   */
  public static Pager open(Kernel kernel, PagerOptions options) {
    int pageBytes = Math.toIntExact(kernel.pageSizeBytes(PageSize.BASE));
    long pages = options.bufferBytes() / pageBytes;
    if (pages < PagerOptions.LEAST_BUFFER_PAGES) {
      throw new IllegalArgumentException(
          "buffer of "
              + options.bufferBytes()
              + " bytes: one instruction may need "
              + PagerOptions.LEAST_BUFFER_PAGES
              + " pages at once, so give it at least "
              + PagerOptions.LEAST_BUFFER_PAGES * pageBytes);
    }
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
      Pager pager = new Pager(share(kernel, uffd, arena, pageBytes, pages), arena, options);
      pager.start();
      return pager;
    } catch (RuntimeException e) {
      uffd.close();
      arena.close();
      throw e;
    }
  }

  private static PagerContext share(
      Kernel kernel, Userfaultfd uffd, Arena arena, int pageBytes, long pages) {
    int window = Math.clamp(pages / WINDOWS_PER_BUFFER, 1, MAX_WINDOW);
    int slots = Math.clamp(pages / STAGED_SHARE, 1, MAX_STAGED);
    long stagingBytes = (long) slots * pageBytes;
    FrameSupply frames =
        new FrameSupply(new FrameBudget(pages), pages / LOW_WATER_SHARE, Pause.BRIEF);
    Regions regions = new Regions();
    Pagemap pagemap = kernel.openPagemap();
    long staging = PagerMemory.map(kernel, uffd, stagingBytes, STAGING_MODES);
    return new PagerContext(
        kernel,
        uffd,
        pagemap,
        pageBytes,
        frames,
        new EvictionQueue(frames.budget()),
        new StagingRing(slots),
        staging,
        MemorySegment.ofAddress(kernel.dataAddress(staging)).reinterpret(stagingBytes),
        arena.allocate((long) StreamTable.STREAMS * pageBytes, pageBytes),
        new StreamTable(window, (index, page) -> dropAhead(regions, frames, index, page)),
        new StreamTable(WriteFaults.MAX_RUN, (index, page) -> false),
        regions,
        new Counters(),
        Pause.BRIEF,
        window);
  }

  private static boolean dropAhead(Regions regions, FrameSupply frames, int index, long page) {
    Region region = regions.get(index);
    boolean dropped =
        region != null && region.states.changeUnpinned(page, PageState.AHEAD, PageState.ABSENT);
    frames.release(dropped ? 1 : 0);
    return dropped;
  }

  private Lane newLane() {
    return new Lane(arena.allocate(windowBytes(), context.pageBytes()));
  }

  private long windowBytes() {
    return context.bytes(context.maxWindow());
  }

  private void start() {
    for (int i = 0; i < handlers.size(); i++) {
      filling.add(start("faultline-pager-" + i, handlers.get(i)));
    }
    leaving.add(start("faultline-evictor", evictor));
    for (int i = 0; i < handlers.size(); i++) {
      leaving.add(start("faultline-staged-writer-" + i, new StagedWriter(context, writers)));
    }
  }

  private static Thread start(String name, Runnable body) {
    return Thread.ofPlatform().name(name).daemon().start(body);
  }

  /**
   * Maps a region over a store.
   *
   * @param lengthBytes positive; the last page may reach beyond it, and shows zeros there that are
   *     never written
   * @throws IllegalArgumentException if the store is smaller than the region, or needs a larger
   *     alignment than a page
   */
  public synchronized PagedRegion map(PageStore store, long lengthBytes) {
    if (closed) {
      throw new IllegalStateException("the pager is closed");
    }
    int pageBytes = context.pageBytes();
    check(store, lengthBytes, pageBytes);
    long pages = (lengthBytes + pageBytes - 1) / pageBytes;
    long address =
        PagerMemory.map(context.kernel(), context.uffd(), pages * pageBytes, REGION_MODES);
    int shift = Integer.numberOfTrailingZeros(pageBytes);
    StateTable table = new StateTable(Arena.ofAuto(), pages);
    int index = context.regions().freeIndex();
    long data = context.kernel().dataAddress(address);
    Region region = new Region(index, address, data, lengthBytes, shift, store, table);
    context.regions().add(region);
    return new PagedRegion(context, region, service, flusher, discarder, lanes, pins);
  }

  private static void check(PageStore store, long lengthBytes, int pageBytes) {
    if (lengthBytes <= 0 || lengthBytes > Run.MAX_REGION_PAGES * pageBytes) {
      throw new IllegalArgumentException("a region of " + lengthBytes + " bytes is impossible");
    }
    if (store.sizeBytes() < lengthBytes) {
      throw new IllegalArgumentException(
          "a region of "
              + lengthBytes
              + " bytes over a store of "
              + store.sizeBytes()
              + ": enlarge the store, or map less");
    }
    int alignment = store.alignment();
    if (Integer.bitCount(alignment) != 1 || alignment > pageBytes) {
      throw new IllegalArgumentException(
          "a store with an alignment of "
              + alignment
              + " bytes: must be a power of two up to the page size, "
              + pageBytes);
    }
  }

  /** What it has done so far. */
  public PagerStats stats() {
    Counters counters = context.counters();
    FrameBudget budget = context.frames().budget();
    return new PagerStats(
        counters.get(Counter.FAULTS),
        counters.get(Counter.PROTECT_FAULTS),
        counters.get(Counter.FILLS),
        counters.get(Counter.PAGES_READ),
        counters.get(Counter.PAGES_AHEAD),
        counters.get(Counter.EVICTED_CLEAN),
        counters.get(Counter.EVICTED_DIRTY),
        counters.get(Counter.RESCUED),
        counters.get(Counter.BUSY),
        counters.get(Counter.WRITES),
        counters.get(Counter.PAGES_WRITTEN),
        counters.get(Counter.VANISHED),
        counters.get(Counter.ERRORS),
        budget.used(),
        budget.mostUsed(),
        budget.total());
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
    for (Region region : context.regions().all()) {
      new PagedRegion(context, region, service, flusher, discarder, lanes, pins).close();
    }
    closed = true;
    evictor.stop();
    writers.stop();
    leaving.forEach(Pager::join);
    // unmapping is an event, for which the handlers must be there
    context.kernel().unmap(context.stagingAddress(), context.staged().byteSize());
    handlers.forEach(FaultHandler::stop);
    filling.forEach(Pager::join);
    context.uffd().close();
    context.pagemap().close();
    arena.close();
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
