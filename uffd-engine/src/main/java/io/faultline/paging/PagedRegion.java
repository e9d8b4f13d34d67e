package io.faultline.paging;

/**
 * A region of a {@link Pager}: memory backed by a store.
 *
 * <p>Native code may load and store at {@link #address} freely, and pass it to system calls. Java
 * code must use {@link #access}, never a {@code MemorySegment} over the address.
 *
 * <p>What happens if the application itself changes the mapping:
 *
 * <ul>
 *   <li>MADV_DONTNEED drops pages from memory: they show what the store has; stores since the last
 *       eviction or flush are lost. Not on pages that Java code accesses at the same time.
 *   <li>mlock: the pages stay in memory until munlock, and count.
 *   <li>vmsplice: a page that a pipe holds may leave and return; the pipe shows it as it was then
 *       or is later.
 *   <li>fork: the child does not have the region (MADV_DONTFORK).
 *   <li>munmap and mremap: the region is lost. The listener receives an error, and an access to a
 *       page that is not in memory is a memory error, never zeros.
 * </ul>
 *
 * <p>A system call that reads into the region (O_DIRECT) must not be in flight while a flush covers
 * its pages: the kernel does not report that it writes to them later.
 *
 * <p>Offsets and lengths are in bytes. Thread-safe, except {@link #close}.
 */
public final class PagedRegion extends BackedRegion {
  PagedRegion(PagerCore core, Region region) {
    super(core, region);
  }

  /** The address for native code, on a page boundary. */
  public long address() {
    return region.address;
  }

  /** Opens the accesses of one Java thread. Close it before the region. */
  public PagedAccess access() {
    return new PagedAccess(region, core.service, core.lanes, core.pins);
  }

  /** Opens reads of one thread that bring nothing into memory. */
  public PagedReader reader() {
    return new PagedReader(core.context, region, core.placement);
  }

  /**
   * Starts to log which pages are stored to. A pin for stores keeps its page in every report.
   *
   * @throws IllegalStateException if the region has a log
   */
  public WriteLog startWriteLog() {
    return WriteLog.start(core.context, region, core.placement, core.lanes);
  }

  /** Lets pages that a failed store has made memory errors be read again. */
  public void clearErrors() {
    calls.clearErrors();
  }

  /**
   * Flushes the region, and unmaps it. No thread may access it any more. The store stays open. Of a
   * lost region what had left its memory before is written; the rest was reported as lost.
   *
   * @throws PagingException if the store fails, or does not return from the call of another thread:
   *     the region stays open
   * @throws IllegalStateException if an access is open or a page is pinned
   */
  @Override
  public void close() {
    if (calls.isClosed()) {
      return;
    }
    if (region.accesses.get() > 0) {
      throw new IllegalStateException(
          region.accesses + " accesses to " + region + " are open: close them first");
    }
    calls.flushForClose();
    abandon();
  }

  @Override
  public void abandon() {
    calls.abandon();
  }
}
