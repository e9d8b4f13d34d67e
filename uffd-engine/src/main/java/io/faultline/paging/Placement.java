package io.faultline.paging;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;

/** The calls that put pages into a region, to their end, whatever interrupts them. */
final class Placement {
  /** About a second of attempts if the kernel has no memory. */
  private static final int MEMORY_ATTEMPTS = 20_000;

  /** How often a page may be found in memory that the pager has not placed. */
  private static final int ADOPT_ATTEMPTS = 1_000;

  private final PagerContext pager;
  private final MappingEvents events;

  Placement(PagerContext pager, MappingEvents events) {
    this.pager = pager;
    this.events = events;
  }

  /**
   * Copies pages that the caller owns into a region, and wakes their waiters.
   *
   * @param source native memory
   * @param write whether they become writable, else they are write-protected
   * @return the number of pages that are there now, from the first on; not all if the region is
   *     lost or the kernel has no memory
   */
  int copy(Region region, long first, int count, long source, boolean write, Lane lane) {
    FillMode mode = write ? FillMode.WAKE : FillMode.WRITE_PROTECTED;
    Userfaultfd uffd = region.space.uffd;
    long target = region.address(first);
    long length = pager.bytes(count);
    long done = 0;
    for (int round = 0; done < length; round++) {
      long result = copy(uffd, target + done, source + done, length - done, mode);
      done += FillResult.bytesDone(result);
      int errno = FillResult.errno(result);
      if (errno == Errno.EEXIST) {
        // the pager never fills a page twice: another thread of the process did
        if (region.backing.adopt(region, first + done / pager.pageBytes(), write, lane)) {
          done += pager.pageBytes();
        } else if (round >= ADOPT_ATTEMPTS || region.lost() != null) {
          lane.errno = errno;
          break;
        }
      } else if (errno != 0 && !isWorthAnotherTry(region, errno, round, lane)) {
        lane.errno = errno;
        noteEnd(region, errno);
        break;
      }
    }
    return (int) (done / pager.pageBytes());
  }

  /** As an errno too what only a process that changes its memory itself brings about. */
  private static long copy(Userfaultfd uffd, long to, long from, long length, FillMode mode) {
    try {
      return uffd.copy(to, from, length, mode);
    } catch (SystemCallException e) {
      return FillResult.of(0, e.errno());
    }
  }

  private static void noteEnd(Region region, int errno) {
    if (errno == Errno.ESRCH && region.lost() == null) {
      region.lose("left by its process, which has ended");
    }
  }

  /** Waits a little, unless the error will not go away by itself soon. */
  boolean isWorthAnotherTry(Region region, int errno, int round, Lane lane) {
    if (errno == Errno.EAGAIN) {
      events.drain(region.space, lane);
    } else if (errno != Errno.ENOMEM || round >= MEMORY_ATTEMPTS || region.lost() != null) {
      return false;
    }
    pager.pause().round(round);
    return true;
  }

  /**
   * Protects or unprotects pages that the caller owns; unprotecting wakes.
   *
   * @return false if the kernel refuses, since the region is lost or it has no memory: nothing has
   *     changed
   */
  boolean protect(Region region, long first, int count, ProtectMode mode, Lane lane) {
    for (int round = 0; ; round++) {
      long result = region.space.uffd.writeProtect(region.address(first), pager.bytes(count), mode);
      int errno = FillResult.errno(result);
      if (errno == 0) {
        return true;
      }
      if (region.backing.isUnmapped(errno)) {
        return isUnmapped(region, first, count, mode, lane);
      }
      if (!isWorthAnotherTry(region, errno, round, lane)) {
        return false;
      }
    }
  }

  private int tryProtect(Region region, long first, long count, ProtectMode mode) {
    try {
      return FillResult.errno(
          region.space.uffd.writeProtect(region.address(first), pager.bytes(count), mode));
    } catch (SystemCallException e) {
      return e.errno();
    }
  }

  /** Some pages are not mapped, so that they need no protection: the others do. */
  private boolean isUnmapped(Region region, long first, int count, ProtectMode mode, Lane lane) {
    boolean all = true;
    for (int i = 0; i < count && count > 1; i++) {
      all &= protect(region, first + i, 1, mode, lane);
    }
    if (mode == ProtectMode.UNPROTECT) {
      wake(region, first, count);
    }
    return all;
  }

  /**
   * Makes an absent page that the caller owns, or that is poisoned already, raise a memory error,
   * and wakes its waiters. If that fails, they are awake too, and fault again: nobody waits for
   * ever.
   *
   * @return whether it is poisoned
   */
  boolean poisonAbsent(Region region, long page, Lane lane) {
    // an evicted page of a file leaves a marker of its protection, which POISON does not replace
    int _ = tryProtect(region, page, 1, ProtectMode.UNPROTECT_DONT_WAKE);
    return poison(region.space, region.address(page), lane);
  }

  /** As {@link #poisonAbsent}, whatever is there: a page that is present stays as it is. */
  boolean poison(WatchedSpace space, long address, Lane lane) {
    for (int round = 0; ; round++) {
      int errno = tryPoison(space.uffd, address, pager.pageBytes());
      if (errno == 0) {
        return true;
      }
      if (errno == Errno.EAGAIN) {
        events.drain(space, lane);
      } else if (errno != Errno.ENOMEM || round >= MEMORY_ATTEMPTS) {
        space.uffd.wake(address, pager.pageBytes());
        return false;
      }
      pager.pause().round(round);
    }
  }

  /** EINVAL before Linux 6.6, which has no UFFDIO_POISON. */
  private static int tryPoison(Userfaultfd uffd, long address, long length) {
    try {
      return FillResult.errno(uffd.poison(address, length, FillMode.WAKE));
    } catch (SystemCallException e) {
      return e.errno();
    }
  }

  /** Makes all pages of a region raise memory errors, none of which is in memory any more. */
  void poisonAll(Region region) {
    Userfaultfd uffd = region.space.uffd;
    long length = region.mappedBytes();
    int _ = tryProtect(region, 0, region.pages, ProtectMode.UNPROTECT_DONT_WAKE);
    long done = 0;
    for (int failed = 0; done < length && failed < MEMORY_ATTEMPTS; ) {
      long poisoned = poisonSome(uffd, region.address + done, length - done);
      done += poisoned;
      if (poisoned == 0) {
        pager.pause().round(failed++);
      }
    }
    uffd.wake(region.address, length);
  }

  /** Returns the bytes done: all if the rest cannot be poisoned. */
  private long poisonSome(Userfaultfd uffd, long address, long length) {
    try {
      long result = uffd.poison(address, length, FillMode.WAKE);
      int errno = FillResult.errno(result);
      if (errno == Errno.EEXIST) { // poisoned already
        return FillResult.bytesDone(result) + pager.pageBytes();
      }
      boolean again = errno == Errno.EAGAIN || errno == Errno.ENOMEM;
      return again ? FillResult.bytesDone(result) : length;
    } catch (SystemCallException e) {
      return length;
    }
  }

  /**
   * Ends the caller's ownership of pages that it has placed. Threads that wait for one are woken
   * again: one that came after the page was placed, since the application had dropped it by then,
   * has missed the first time.
   */
  void settle(Region region, long first, int count, int state) {
    for (int done = 0; done < count; ) {
      int settled = region.states.settleSome(first + done, count - done, state);
      for (int wanted = settled >>> 8; wanted != 0; wanted &= wanted - 1) {
        wake(region, first + done + Integer.numberOfTrailingZeros(wanted), 1);
      }
      done += settled & 0xff;
    }
  }

  void wake(Region region, long first, int count) {
    region.space.uffd.wake(region.address(first), pager.bytes(count));
  }
}
