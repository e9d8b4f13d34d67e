package io.faultline.paging;

import io.faultline.paging.table.PageState;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A part of a memory file that another process has mapped. The size of the file is sealed, so that
 * the pager may map it too, and no truncation is a memory error here.
 *
 * <p>Dirty pages leave in three steps: write protection, a write to the store from where they are,
 * and PUNCH_HOLE. In between they are staged, and no fault handler makes them writable: a store to
 * one takes it back if it is not being written yet, or waits until it is absent. So no store is
 * lost, and what is written never changes meanwhile. Loads go on until the end.
 *
 * <p>Only a poisoned page that is cleared is in memory without a frame for a moment: {@link
 * SparePage} is for that.
 */
final class SharedBacking implements Backing {
  private final PagerContext pager;
  private final Placement placement;
  private final MemoryFile file;
  private final long fileOffset;

  /** Where this process has mapped the part, which stores read. */
  private final long ownAddress;

  private final MemorySegment contents;

  private final SparePage spare;

  /**
   * @param ownAddress where the part is mapped for the pager; unmapped by {@link #release}
   * @param lengthBytes of that mapping
   */
  SharedBacking(
      PagerContext pager,
      Placement placement,
      MemoryFile file,
      long fileOffset,
      long ownAddress,
      long lengthBytes,
      SparePage spare) {
    this.pager = pager;
    this.placement = placement;
    this.file = file;
    this.fileOffset = fileOffset;
    this.ownAddress = ownAddress;
    this.contents =
        MemorySegment.ofAddress(pager.kernel().dataAddress(ownAddress)).reinterpret(lengthBytes);
    this.spare = spare;
  }

  private long inFile(Region region, long page) {
    return fileOffset + region.offset(page);
  }

  @Override
  public long stage(Region region, long first, int count, int slot, Lane lane) {
    boolean done = placement.protect(region, first, count, ProtectMode.PROTECT, lane);
    return done ? FillResult.of(pager.bytes(count), 0) : FillResult.of(0, Errno.EBUSY);
  }

  @Override
  public long unstage(Region region, long first, int count, int slot, Lane lane) {
    if (!placement.protect(region, first, count, ProtectMode.UNPROTECT, lane)) {
      return FillResult.of(0, Errno.EBUSY);
    }
    for (int i = 0; i < count; i++) {
      pager.staging().clearHole(slot + i);
    }
    return FillResult.of(pager.bytes(count), 0);
  }

  @Override
  public MemorySegment staged() {
    return contents;
  }

  @Override
  public long stagedOffset(Region region, long page, int slot) {
    return region.offset(page);
  }

  @Override
  public boolean stagesInPlace() {
    return true;
  }

  @Override
  public int dropStaged(Region region, long first, int count) {
    drop(region, first, count);
    return count;
  }

  @Override
  public void drop(Region region, long first, int count) {
    file.punchHole(inFile(region, first), pager.bytes(count));
  }

  /** A page replaces the marker, and is dropped at once: its process may see it in between. */
  @Override
  public void clearPoison(Region region, long first, int count) {
    long length = pager.pageBytes();
    long zeros = spare.zeros().address();
    Userfaultfd uffd = region.space.uffd;
    spare.lock().lock();
    try {
      for (long page = first; page < first + count; page++) {
        long _ = uffd.copy(region.address(page), zeros, length, FillMode.WRITE_PROTECTED_DONT_WAKE);
        file.punchHole(inFile(region, page), length);
      }
    } finally {
      spare.lock().unlock();
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
    drop(region, page, 1);
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
    throw new IOException("the memory file is shorter than its process has said");
  }

  @Override
  public boolean outlivesMapping() {
    return true;
  }

  @Override
  public void release(Region region) {
    file.punchHole(inFile(region, 0), region.mappedBytes());
    unmap();
  }

  /** Unmaps the file: all of {@link #release} if there is no region. */
  void unmap() {
    pager.kernel().unmap(ownAddress, contents.byteSize());
  }
}
