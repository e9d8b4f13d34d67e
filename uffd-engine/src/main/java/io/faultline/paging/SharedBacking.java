package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A part of a memory file that another process has mapped. The pager never maps the file itself,
 * but reads it by pread, so that no truncation of it is a memory error here.
 *
 * <p>Dirty pages leave in three steps: write protection, a copy to the staging memory, and
 * PUNCH_HOLE. In between the page is CHANGING, so that no fault handler makes it writable: a store
 * to it waits until it is absent. So no store is lost, and what is written to the store is the
 * copy, which never changes.
 *
 * <p>A page that moves out is in memory twice for a moment, as is one that comes back while no
 * frame is free: {@link #HEADROOM_PAGES} are for that.
 */
final class SharedBacking implements Backing {
  /** How many pages may be in memory twice: one evicted, one that comes back. */
  static final int HEADROOM_PAGES = 2;

  private final PagerContext pager;
  private final Placement placement;
  private final MemoryFile file;
  private final long fileOffset;

  /** The number of pages that are copied and dropped in one step. */
  private final int step;

  /** Held by a thread that brings a page back without a frame for it. */
  private final ReentrantLock doubling;

  SharedBacking(
      PagerContext pager,
      Placement placement,
      MemoryFile file,
      long fileOffset,
      int step,
      ReentrantLock doubling) {
    this.pager = pager;
    this.placement = placement;
    this.file = file;
    this.fileOffset = fileOffset;
    this.step = step;
    this.doubling = doubling;
  }

  private long inFile(Region region, long page) {
    return fileOffset + region.offset(page);
  }

  @Override
  public long moveOut(Region region, long first, int count, int slot, Lane lane) {
    if (!placement.protect(region, first, count, ProtectMode.PROTECT, lane)) {
      return FillResult.of(0, Errno.EBUSY);
    }
    int done = 0;
    int errno = 0;
    while (done < count && errno == 0) {
      int part = Math.min(step, count - done);
      errno = moveOutStep(region, first + done, part, slot + done);
      done += errno == 0 ? part : 0;
    }
    if (done < count) { // they are dirty as before, so that stores must not fault
      placement.protect(region, first + done, count - done, ProtectMode.UNPROTECT, lane);
    }
    return FillResult.of(pager.bytes(done), errno);
  }

  /** Returns 0, or an errno: no page of this step has moved. */
  private int moveOutStep(Region region, long first, int count, int slot) {
    long length = pager.bytes(count);
    try {
      long read = file.read(inFile(region, first), pager.staged(), pager.bytes(slot), length);
      if (read < length) {
        return Errno.ENOENT; // its process has truncated the file
      }
      file.punchHole(inFile(region, first), length);
      return 0;
    } catch (SystemCallException e) {
      return Errno.EBUSY;
    }
  }

  @Override
  public long moveBack(Region region, long first, int count, int slot, Lane lane) {
    int done = 0;
    int errno = 0;
    while (done < count && errno == 0) {
      errno = moveBack(region, first + done, slot + done, lane);
      done += errno == 0 ? 1 : 0;
    }
    return FillResult.of(pager.bytes(done), errno);
  }

  /** A copy: the writer frees the slot when it comes to it, unless there is no frame meanwhile. */
  private int moveBack(Region region, long page, int slot, Lane lane) {
    if (pager.frames().reserveStaged()) {
      int errno = copyBack(region, page, slot, lane);
      if (errno == 0) {
        pager.staging().clear(slot);
      } else {
        pager.frames().releaseStaged(1);
      }
      return errno;
    }
    doubling.lock();
    try {
      int errno = copyBack(region, page, slot, lane);
      if (errno == 0) {
        pager.kernel().advise(pager.stagingAddress(slot), pager.pageBytes(), Advice.DONT_NEED);
        pager.staging().clearHole(slot);
      }
      return errno;
    } finally {
      doubling.unlock();
    }
  }

  private int copyBack(Region region, long page, int slot, Lane lane) {
    long source = pager.staged().address() + pager.bytes(slot);
    return placement.copy(region, page, 1, source, true, lane) == 1 ? 0 : lane.errno;
  }

  @Override
  public void drop(Region region, long first, int count) {
    file.punchHole(inFile(region, first), pager.bytes(count));
  }

  @Override
  public void clearPoison(Region region, long first, int count) {
    long length = pager.pageBytes();
    doubling.lock();
    try (Arena arena = Arena.ofConfined()) {
      long zeros = arena.allocate(length, length).address(); // its process may see them
      for (long page = first; page < first + count; page++) { // a page replaces the marker
        long _ =
            region.space.uffd.copy(
                region.address(page), zeros, length, FillMode.WRITE_PROTECTED_DONT_WAKE);
        file.punchHole(inFile(region, page), length);
      }
    } finally {
      doubling.unlock();
    }
  }

  /** Unknown: the page table is that of another process. */
  @Override
  public boolean isMapped(Region region, long page) {
    return false;
  }

  /** Maps a page of the file, which is a minor fault of its process. */
  @Override
  public Reveal reveal(Region region, long page, int state, Lane lane) {
    boolean writable = PageState.isWritable(state);
    FillMode mode = writable ? FillMode.WAKE : FillMode.WRITE_PROTECTED;
    Userfaultfd uffd = region.space.uffd;
    long address = region.address(page);
    for (int round = 0; ; round++) {
      int errno = tryContinue(uffd, address, mode);
      if (errno == 0 || isUnmapped(errno)) {
        placement.wake(region, page, 1);
        return Reveal.AS_BEFORE;
      }
      if (errno == Errno.EEXIST) {
        return revealMapped(region, page, writable, lane);
      }
      if (errno == Errno.EFAULT) {
        return Reveal.VANISHED;
      }
      if (!placement.isWorthAnotherTry(region, errno, round, lane)) {
        return Reveal.REFUSED;
      }
    }
  }

  private int tryContinue(Userfaultfd uffd, long address, FillMode mode) {
    try {
      return FillResult.errno(uffd.continueFault(address, pager.pageBytes(), mode));
    } catch (SystemCallException e) {
      return e.errno();
    }
  }

  private Reveal revealMapped(Region region, long page, boolean writable, Lane lane) {
    if (writable && !placement.protect(region, page, 1, ProtectMode.UNPROTECT, lane)) {
      return Reveal.REFUSED;
    }
    placement.wake(region, page, 1);
    return Reveal.AS_BEFORE;
  }

  /** Its process has written to the file by another mapping: the store says what is there. */
  @Override
  public boolean adopt(Region region, long page, boolean write, Lane lane) {
    try {
      drop(region, page, 1);
    } catch (SystemCallException e) {
      // it is sealed: the fill fails in the end
    }
    return false;
  }

  @Override
  public boolean isUnmapped(int errno) {
    return errno == Errno.ENOENT || errno == Errno.ESRCH;
  }

  @Override
  public void read(Region region, long first, int count, MemorySegment to) throws IOException {
    long length = pager.bytes(count);
    try {
      if (file.read(inFile(region, first), to, 0, length) == length) {
        return;
      }
    } catch (SystemCallException e) {
      throw new IOException(e.getMessage(), e);
    }
    throw new IOException("its process has truncated the memory file");
  }

  @Override
  public boolean outlivesMapping() {
    return true;
  }

  @Override
  public void release(Region region) {
    try {
      file.punchHole(inFile(region, 0), region.mappedBytes());
    } catch (SystemCallException e) {
      // its process has sealed the file, and keeps the pages
    }
  }
}
