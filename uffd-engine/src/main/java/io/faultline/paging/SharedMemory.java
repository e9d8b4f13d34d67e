package io.faultline.paging;

import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a {@link SharedMemoryPager} does for the process of one userfaultfd. Thread-safe. */
public final class SharedMemory implements AutoCloseable {
  private static final Set<RegisterMode> MODES =
      Set.of(RegisterMode.MISSING, RegisterMode.MINOR, RegisterMode.WRITE_PROTECT);

  private final SharedMemoryPager pager;
  private final PagerCore core;
  private final WatchedSpace space;
  private final List<SharedRegion> regions = new CopyOnWriteArrayList<>();
  private final List<FaultHandler> handlers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private boolean closed;

  SharedMemory(SharedMemoryPager pager, PagerCore core, Userfaultfd uffd, int count) {
    this.pager = pager;
    this.core = core;
    this.space = new WatchedSpace(uffd);
    for (int i = 0; i < count; i++) {
      FaultHandler handler = core.newHandler(space);
      handlers.add(handler);
      threads.add(PagerCore.start("faultline-pager-" + i, handler));
    }
  }

  /** As the other {@code page}, writable and without a budget. */
  public SharedRegion page(
      MemoryFile file, long fileOffset, long address, long lengthBytes, PageStore store) {
    return page(file, fileOffset, address, lengthBytes, store, RegionOptions.DEFAULT);
  }

  /** {@link #prepare} and {@link PreparedRegion#start}. */
  public SharedRegion page(
      MemoryFile file,
      long fileOffset,
      long address,
      long lengthBytes,
      PageStore store,
      RegionOptions options) {
    PreparedRegion prepared = prepare(file, fileOffset, address, lengthBytes, store, options);
    try {
      return prepared.start();
    } catch (RuntimeException e) {
      prepared.giveUp();
      throw e;
    }
  }

  /**
   * Prepares to page a part of a memory file over a store: finds out whether that is possible, and
   * changes nothing that its process could notice.
   *
   * @param file stays the caller's, open until the region is closed
   * @param fileOffset of the part, a multiple of the page size
   * @param address where the process has mapped it, a multiple of the page size
   * @param lengthBytes positive; the last page may reach beyond it
   * @param options if it is not writable, a store to it is a memory error, and the store is only
   *     read
   * @throws IllegalArgumentException if the store is smaller than the region, needs a larger
   *     alignment than a page, or is read-only although the region is not; or if the budget cannot
   *     be kept
   * @throws SystemCallException if the memory is not mapped there, or cannot be paged
   */
  public synchronized PreparedRegion prepare(
      MemoryFile file,
      long fileOffset,
      long address,
      long lengthBytes,
      PageStore store,
      RegionOptions options) {
    requireOpen();
    RegionPlan plan = core.plan(store, lengthBytes, options);
    try {
      int pageBytes = core.context.pageBytes();
      long mapped = (plan.lengthBytes() + pageBytes - 1) & -(long) pageBytes;
      space.uffd.register(address, mapped, MODES);
      SharedBacking backing = pager.map(file, fileOffset, mapped);
      return new PreparedRegion(this, file, fileOffset, address, mapped, backing, plan);
    } catch (RuntimeException e) {
      giveUp(plan);
      throw e;
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("this memory is closed");
    }
  }

  void giveUp(RegionPlan plan) {
    core.giveUp(plan);
  }

  synchronized SharedRegion add(
      SharedBacking backing, long address, long mappedBytes, RegionPlan plan) {
    requireOpen();
    Region region = core.add(space, backing, address, 0, plan);
    SharedRegion shared = new SharedRegion(core, region);
    regions.add(shared);
    space.uffd.wake(address, mappedBytes); // faults that were read before the region was known
    return shared;
  }

  /**
   * Flushes and closes the regions, and closes the userfaultfd: the process must not access the
   * memory any more.
   *
   * @throws PagingException if a store fails: that region and this memory stay open
   */
  @Override
  public void close() {
    for (SharedRegion region : regions) {
      region.close();
    }
    end();
  }

  /**
   * As {@link #close} for a process that is still there: every access to the memory is a memory
   * error from now on.
   *
   * @throws PagingException if a store fails: that region and this memory stay open
   */
  public void withdraw() {
    for (SharedRegion region : regions) {
      region.withdraw();
    }
    end();
  }

  /** Closes without writing what is not in the stores yet. */
  public void abandon() {
    regions.forEach(SharedRegion::abandon);
    end();
  }

  private synchronized void end() {
    if (closed) {
      return;
    }
    closed = true;
    handlers.forEach(FaultHandler::stop);
    threads.forEach(PagerCore::join);
    handlers.forEach(core::recycle);
    space.uffd.close();
    pager.forget(this);
  }
}
