package io.faultline.paging;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MoveMode;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Private memory of this process. Dirty pages leave by UFFDIO_MOVE, which is atomic and takes their
 * page frames along; the page table says which pages are there.
 */
final class PrivateBacking implements Backing {
  private static final int MOVE_ATTEMPTS = 3;

  private final PagerContext pager;
  private final Placement placement;
  private final Pagemap pagemap;

  /** Of {@link #dropAll}, which the evictor calls. */
  private long[] addresses = {};

  private long[] lengths = {};

  PrivateBacking(PagerContext pager, Placement placement, Pagemap pagemap) {
    this.pager = pager;
    this.placement = placement;
    this.pagemap = pagemap;
  }

  @Override
  public long stage(Region region, long first, int count, int slot, Lane lane) {
    long length = pager.bytes(count);
    long done = 0;
    for (int round = 0; ; round++) {
      long result =
          move(
              region,
              pager.stagingAddress(slot) + done,
              region.address(first) + done,
              length - done,
              MoveMode.DONT_WAKE);
      done += FillResult.bytesDone(result);
      int errno = FillResult.errno(result);
      boolean again = errno == Errno.EAGAIN && round < MOVE_ATTEMPTS;
      if (done == length || !again) {
        return FillResult.of(done, errno);
      }
    }
  }

  /** The kernel moves no page out of or into memory that the application has locked (mlock). */
  private static long move(Region region, long to, long from, long length, MoveMode mode) {
    try {
      return region.space.uffd.move(to, from, length, mode);
    } catch (SystemCallException e) {
      return FillResult.of(0, e.errno());
    }
  }

  /** They keep their frames: their slots have none any more. */
  @Override
  public long unstage(Region region, long first, int count, int slot, Lane lane) {
    long length = pager.bytes(count);
    long done = 0;
    int errno = 0;
    for (int round = 0; done < length; round++) {
      long result =
          move(
              region,
              region.address(first) + done,
              pager.stagingAddress(slot) + done,
              length - done,
              MoveMode.WAKE);
      done += FillResult.bytesDone(result);
      errno = FillResult.errno(result);
      if (errno != 0 && !placement.isWorthAnotherTry(region, errno, round, lane)) {
        break;
      }
    }
    for (int i = 0; i < done / pager.pageBytes(); i++) {
      pager.staging().clearHole(slot + i);
    }
    return FillResult.of(done, done == length ? 0 : errno);
  }

  @Override
  public MemorySegment staged() {
    return pager.staged();
  }

  @Override
  public long stagedOffset(Region region, long page, int slot) {
    return pager.bytes(slot);
  }

  @Override
  public boolean stagesInPlace() {
    return false;
  }

  @Override
  public int dropStaged(Region region, long first, int count) {
    return 0;
  }

  @Override
  public void drop(Region region, long first, int count) {
    pager.kernel().advise(region.address(first), pager.bytes(count), Advice.DONT_NEED);
  }

  /** Called by the evictor alone. */
  @Override
  public void dropAll(Region[] regions, long[] firsts, int[] counts, int ranges) {
    if (addresses.length < ranges) {
      addresses = new long[ranges];
      lengths = new long[ranges];
    }
    for (int i = 0; i < ranges; i++) {
      addresses[i] = regions[i].address(firsts[i]);
      lengths[i] = pager.bytes(counts[i]);
    }
    pager.kernel().adviseAll(addresses, lengths, ranges, Advice.DONT_NEED);
  }

  @Override
  public void clearPoison(Region region, long first, int count) {
    drop(region, first, count);
  }

  @Override
  public boolean isMapped(Region region, long page) {
    return pagemap.isPresent(region.address(page));
  }

  /** A page that is there has been evicted and filled since it was looked up. */
  @Override
  public Reveal reveal(Region region, long page, int state, Lane lane) {
    if (!isMapped(region, page)) {
      return Reveal.VANISHED;
    }
    if (!region.writable) {
      placement.wake(region, page, 1);
      return Reveal.AS_BEFORE;
    }
    return placement.protect(region, page, 1, ProtectMode.UNPROTECT, lane)
        ? Reveal.WRITABLE
        : Reveal.REFUSED;
  }

  /** Another thread of the process has filled the page, with whatever it wanted. */
  @Override
  public boolean adopt(Region region, long page, boolean write, Lane lane) {
    ProtectMode mode = write ? ProtectMode.UNPROTECT : ProtectMode.PROTECT;
    boolean adopted = placement.protect(region, page, 1, mode, lane);
    placement.wake(region, page, 1);
    return adopted;
  }

  @Override
  public boolean isUnmapped(int errno) {
    return false;
  }

  @Override
  public void read(Region region, long first, int count, MemorySegment to) throws IOException {
    try {
      pager.kernel().guestRead(region.address(first), to, 0, pager.bytes(count));
    } catch (SystemCallException e) { // unmapped, which an event will say
      throw new IOException("its memory is gone: " + e.getMessage(), e);
    }
  }

  @Override
  public boolean outlivesMapping() {
    return false;
  }

  /**
   * Unregisters the memory first, so that its end is no event: it would be handled after the unmap
   * has returned, when another region may have the same addresses.
   */
  @Override
  public void release(Region region) {
    if (region.lost() != null) {
      return;
    }
    try {
      region.space.uffd.unregister(region.address, region.mappedBytes());
    } finally {
      pager.kernel().unmap(region.address, region.mappedBytes());
    }
  }
}
