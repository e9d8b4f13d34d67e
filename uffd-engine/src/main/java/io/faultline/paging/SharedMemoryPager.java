package io.faultline.paging;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * As {@link Pager}, for memory of other processes: each has mapped a memory file (memfd, shared),
 * registered it with a userfaultfd for missing, minor and write-protect faults, and has handed over
 * both. All share one buffer.
 *
 * <p>UFFDIO_MOVE and MADV_DONTNEED do not work across processes; see {@link SharedBacking} for what
 * takes their place. Needs UFFDIO_CONTINUE with write protection (Linux 6.4). Thread-safe.
 */
public final class SharedMemoryPager implements AutoCloseable {
  /** The smallest buffer that makes progress. */
  public static final int LEAST_BUFFER_PAGES = PagerOptions.LEAST_BUFFER_PAGES + SparePage.PAGES;

  private final PagerCore core;
  private final Arena arena;
  private final PagerOptions options;
  private final SparePage spare;
  private final List<SharedMemory> memories = new ArrayList<>();
  private boolean closed;

  private SharedMemoryPager(PagerCore core, Arena arena, PagerOptions options) {
    this.core = core;
    this.arena = arena;
    this.options = options;
    int pageBytes = core.context.pageBytes();
    this.spare = new SparePage(arena.allocate(pageBytes, pageBytes));
  }

  /**
   * Opens a pager and starts its threads.
   *
   * @throws IllegalArgumentException if the buffer is too small; the message says what is needed
   */
  public static SharedMemoryPager open(Kernel kernel, PagerOptions options) {
    int pageBytes = Math.toIntExact(kernel.pageSizeBytes(PageSize.BASE));
    long pages = options.pages(pageBytes, LEAST_BUFFER_PAGES);
    long frames = pages - SparePage.PAGES;
    Arena arena = Arena.ofShared();
    PagerCore core =
        new PagerCore(kernel, arena, pageBytes, frames, options, kernel::mapUnreserved);
    core.start(options.writers());
    return new SharedMemoryPager(core, arena, options);
  }

  /**
   * Begins to serve the faults of a process.
   *
   * @param uffd closed by the result
   */
  public synchronized SharedMemory serve(Userfaultfd uffd) {
    if (closed) {
      throw new IllegalStateException("the pager is closed");
    }
    SharedMemory memory = new SharedMemory(this, core, uffd, options.handlers());
    memories.add(memory);
    return memory;
  }

  /** Maps a part of a file, the size of which is sealed. */
  SharedBacking map(MemoryFile file, long fileOffset, long lengthBytes) {
    MapRequest part = new MapRequest(lengthBytes, PageSize.BASE, file, fileOffset, true);
    long address = core.context.kernel().map(part);
    return new SharedBacking(
        core.context, core.placement, file, fileOffset, address, lengthBytes, spare);
  }

  synchronized void forget(SharedMemory memory) {
    memories.remove(memory);
  }

  /** The limit of the memory of all regions together. */
  public long bufferBytes() {
    return options.bufferBytes();
  }

  public long pageBytes() {
    return core.context.pageBytes();
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
  public void close() {
    List<SharedMemory> open;
    synchronized (this) {
      open = List.copyOf(memories);
    }
    open.forEach(SharedMemory::close);
    synchronized (this) {
      if (!closed) {
        closed = true;
        core.stopLeaving();
        arena.close();
      }
    }
  }
}
