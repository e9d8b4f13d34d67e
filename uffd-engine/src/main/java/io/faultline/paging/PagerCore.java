package io.faultline.paging;

import io.faultline.paging.table.FrameBudget;
import io.faultline.paging.table.PageState;
import io.faultline.paging.table.Run;
import io.faultline.paging.table.StagingRing;
import io.faultline.paging.table.StateTable;
import io.faultline.paging.table.StreamTable;
import io.faultline.uffd.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The mechanisms and threads of a pager, for any {@link Backing} of its regions. Thread-safe,
 * unless said otherwise.
 */
final class PagerCore {
  private static final int MAX_WINDOW = 256;
  private static final int MAX_STAGED = 4096;
  private static final int WINDOWS_PER_BUFFER = 64;
  private static final int LOW_WATER_SHARE = 16;
  private static final int STAGED_SHARE = 8;
  private static final int CALLER_LANES = 4;

  /** Allocates staging memory. */
  interface StagingMemory {
    long map(long lengthBytes);
  }

  final PagerContext context;
  final MappingEvents events;
  final Placement placement;
  final FaultService service;
  final Flusher flusher;
  final Discarder discarder;
  final LanePool lanes;
  final PinBudget pins;
  final Evictor evictor;
  final StagedWriters writers;
  private final LaneMemory laneMemory;

  /** Of handlers that have ended: the memory of a lane is freed with the pager alone. */
  private final Queue<Lane> spareLanes = new ConcurrentLinkedQueue<>();

  private final List<Thread> leaving = new ArrayList<>();

  /**
   * @param pages the frames of the buffer
   */
  PagerCore(
      Kernel kernel,
      Arena arena,
      int pageBytes,
      long pages,
      PagerOptions options,
      StagingMemory memory) {
    this(share(kernel, arena, pageBytes, pages, options, memory), arena);
  }

  PagerCore(PagerContext context, Arena arena) {
    this.context = context;
    this.laneMemory =
        new LaneMemory(
            context.kernel(), arena, context.bytes(context.maxWindow()), context.pageBytes());
    this.events = new MappingEvents(context);
    this.placement = new Placement(context, events);
    this.service = new FaultService(context, placement);
    this.writers = new StagedWriters(context);
    this.evictor = new Evictor(context, writers);
    this.flusher = new Flusher(context, placement, writers, newLane());
    this.discarder = new Discarder(context, placement);
    this.lanes = new LanePool(CALLER_LANES, this::newLane);
    this.pins = new PinBudget(Math.max(1, context.frames().budget().total() / 2));
  }

  private static PagerContext share(
      Kernel kernel,
      Arena arena,
      int pageBytes,
      long pages,
      PagerOptions options,
      StagingMemory memory) {
    int window = Math.clamp(pages / WINDOWS_PER_BUFFER, 1, MAX_WINDOW);
    int slots = Math.clamp(pages / STAGED_SHARE, 1, MAX_STAGED);
    long stagingBytes = (long) slots * pageBytes;
    FrameSupply frames =
        new FrameSupply(new FrameBudget(pages), pages / LOW_WATER_SHARE, Pause.BRIEF);
    Regions regions = new Regions();
    long staging = memory.map(stagingBytes);
    return new PagerContext(
        kernel,
        pageBytes,
        frames,
        new StagingRing(slots),
        staging,
        MemorySegment.ofAddress(kernel.dataAddress(staging)).reinterpret(stagingBytes),
        arena.allocate((long) StreamTable.STREAMS * pageBytes, pageBytes),
        new StreamTable(window, (index, page) -> dropAhead(regions, frames, index, page)),
        new StreamTable(WriteFaults.MAX_RUN, (index, page) -> false),
        regions,
        new Counters(),
        new StoreWatch(options.storePatience().toNanos()),
        Pause.BRIEF,
        window);
  }

  private static boolean dropAhead(Regions regions, FrameSupply frames, int index, long page) {
    Region region = regions.get(index);
    if (region == null || !region.states.changeUnpinned(page, PageState.AHEAD, PageState.ABSENT)) {
      return false;
    }
    frames.release(region.share, 1);
    return true;
  }

  private Lane newLane() {
    Lane lane = new Lane(laneMemory.allocate());
    context.watch().add(lane.call);
    return lane;
  }

  /** A handler of the faults of a space, to be run by a thread. */
  FaultHandler newHandler(WatchedSpace space) {
    Lane lane = spareLanes.poll();
    if (lane == null) {
      lane = newLane();
    } else {
      context.watch().add(lane.call);
    }
    return new FaultHandler(context, space, service, events, lane);
  }

  /** Takes back what a handler needed whose thread has ended. */
  void recycle(FaultHandler handler) {
    spareLanes.add(handler.lane());
  }

  /**
   * Starts the threads by which pages leave.
   *
   * @param count of threads that write
   */
  void start(int count) {
    leaving.add(start("faultline-evictor", evictor));
    for (int i = 0; i < count; i++) {
      leaving.add(start("faultline-staged-writer-" + i, new StagedWriter(context, writers)));
    }
  }

  static Thread start(String name, Runnable body) {
    return Thread.ofPlatform().name(name).daemon().start(body);
  }

  /**
   * Adds a region.
   *
   * @param address where the process that uses it has mapped it
   * @param dataAddress where Java code of this process accesses pinned pages; 0 if it cannot
   */
  Region add(WatchedSpace space, Backing backing, long address, long dataAddress, RegionPlan plan) {
    int shift = Integer.numberOfTrailingZeros(context.pageBytes());
    StateTable states = new StateTable(Arena.ofAuto(), pages(plan.lengthBytes()));
    synchronized (context.regions()) {
      int index = context.regions().freeIndex();
      Region region =
          new Region(
              index,
              space,
              backing,
              address,
              dataAddress,
              plan.lengthBytes(),
              shift,
              plan.store(),
              states,
              plan.share(),
              plan.writable());
      context.regions().add(region);
      space.add(region);
      return region;
    }
  }

  private long pages(long lengthBytes) {
    return (lengthBytes + context.pageBytes() - 1) / context.pageBytes();
  }

  /**
   * Reserves the share of a region. {@link #add} or {@link #giveUp} must follow.
   *
   * @throws IllegalArgumentException if the region is impossible, or its budget cannot be kept
   */
  RegionPlan plan(PageStore store, long lengthBytes, RegionOptions options) {
    check(store, lengthBytes, options);
    FrameShares shares = context.frames().shares();
    FrameShare share =
        options.hasBudget()
            ? shares.add(options, pages(lengthBytes), context.pageBytes())
            : shares.common();
    return new RegionPlan(store, lengthBytes, share, options.writable());
  }

  void giveUp(RegionPlan plan) {
    context.frames().shares().remove(plan.share());
  }

  private void check(PageStore store, long lengthBytes, RegionOptions options) {
    int pageBytes = context.pageBytes();
    if (store.isReadOnly() && options.writable()) {
      throw new IllegalArgumentException(
          store + " is read-only: map it read-only, or put a delta over it");
    }
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
  PagerStats stats() {
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
   * Ends the threads by which pages leave, and frees the staging memory: after all regions are
   * closed, and while handlers serve events.
   */
  void stopLeaving() {
    evictor.stop();
    writers.stop();
    leaving.forEach(PagerCore::join);
    context.kernel().unmap(context.stagingAddress(), context.staged().byteSize());
  }

  static void join(Thread thread) {
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
