package io.faultline.paging;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MoveMode;
import io.faultline.uffd.ProtectMode;

/** The calls that put pages into a region, to their end, whatever interrupts them. */
final class Placement {
  /** About a second of attempts if the kernel has no memory. */
  private static final int MEMORY_ATTEMPTS = 20_000;

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
    long target = region.address(first);
    long length = pager.bytes(count);
    long done = 0;
    for (int round = 0; done < length; round++) {
      long result = pager.uffd().copy(target + done, source + done, length - done, mode);
      done += FillResult.bytesDone(result);
      int errno = FillResult.errno(result);
      if (errno == Errno.EEXIST) {
        // the pager never fills a page twice: another thread of the process did
        if (!adoptForeign(region, first + done / pager.pageBytes(), write, lane)) {
          break;
        }
        done += pager.pageBytes();
      } else if (errno != 0 && !isWorthAnotherTry(region, errno, round, lane)) {
        break;
      }
    }
    return (int) (done / pager.pageBytes());
  }

  private boolean adoptForeign(Region region, long page, boolean write, Lane lane) {
    ProtectMode mode = write ? ProtectMode.UNPROTECT : ProtectMode.PROTECT;
    boolean adopted = protect(region, page, 1, mode, lane);
    wake(region, page, 1);
    return adopted;
  }

  /** Waits a little, unless the error will not go away by itself soon. */
  private boolean isWorthAnotherTry(Region region, int errno, int round, Lane lane) {
    if (errno == Errno.EAGAIN) {
      events.drain(lane);
    } else if (errno != Errno.ENOMEM || round >= MEMORY_ATTEMPTS || region.lost() != null) {
      return false;
    }
    pager.pause().round(round);
    return true;
  }

  /**
   * Moves a staged page that the caller owns back into its region, and wakes its waiters.
   *
   * @return an errno: 0; EBUSY if the kernel still uses the page; or why the page is still staged
   */
  int moveBack(Region region, long page, int slot, Lane lane) {
    for (int round = 0; ; round++) {
      long result =
          pager
              .uffd()
              .move(
                  region.address(page),
                  pager.stagingAddress(slot),
                  pager.pageBytes(),
                  MoveMode.WAKE);
      int errno = FillResult.errno(result);
      if (errno == 0 || !isWorthAnotherTry(region, errno, round, lane)) {
        return errno;
      }
    }
  }

  /**
   * Protects or unprotects pages that the caller owns; unprotecting wakes.
   *
   * @return false if the kernel refuses, since the region is lost or it has no memory: nothing has
   *     changed
   */
  boolean protect(Region region, long first, int count, ProtectMode mode, Lane lane) {
    for (int round = 0; ; round++) {
      long result = pager.uffd().writeProtect(region.address(first), pager.bytes(count), mode);
      int errno = FillResult.errno(result);
      if (errno == 0 || !isWorthAnotherTry(region, errno, round, lane)) {
        return errno == 0;
      }
    }
  }

  /**
   * Makes an absent page raise a memory error, and wakes its waiters. If that fails, they are awake
   * too, and fault again: nobody waits for ever.
   */
  void poison(long address, Lane lane) {
    for (int round = 0; ; round++) {
      long result = pager.uffd().poison(address, pager.pageBytes(), FillMode.WAKE);
      int errno = FillResult.errno(result);
      if (errno == 0) {
        return;
      }
      if (errno == Errno.EAGAIN) {
        events.drain(lane);
      } else if (errno != Errno.ENOMEM || round >= MEMORY_ATTEMPTS) {
        pager.uffd().wake(address, pager.pageBytes());
        return;
      }
      pager.pause().round(round);
    }
  }

  void wake(Region region, long first, int count) {
    pager.uffd().wake(region.address(first), pager.bytes(count));
  }
}
