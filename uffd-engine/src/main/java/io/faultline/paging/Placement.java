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
   * @return whether all are there; false if the region is lost or the kernel has no memory
   */
  boolean copy(Region region, long first, int count, long source, boolean write, Lane lane) {
    FillMode mode = write ? FillMode.WAKE : FillMode.WRITE_PROTECTED;
    long target = region.address(first);
    long length = pager.bytes(count);
    long done = 0;
    int attempts = 0;
    while (done < length) {
      long result = pager.uffd().copy(target + done, source + done, length - done, mode);
      done += FillResult.bytesDone(result);
      switch (FillResult.errno(result)) {
        case 0 -> {}
        case Errno.EAGAIN -> {
          events.drain(lane);
          pager.pause().round(attempts++);
        }
        case Errno.EEXIST -> {
          // the pager never fills a page twice: another thread of the process did
          adoptForeign(target + done, write);
          done += pager.pageBytes();
        }
        case Errno.ENOMEM -> {
          if (attempts++ == MEMORY_ATTEMPTS) {
            return false;
          }
          pager.pause().round(attempts);
        }
        default -> {
          return false;
        }
      }
    }
    return true;
  }

  private void adoptForeign(long address, boolean write) {
    ProtectMode mode = write ? ProtectMode.UNPROTECT : ProtectMode.PROTECT;
    pager.uffd().writeProtect(address, pager.pageBytes(), mode);
    pager.uffd().wake(address, pager.pageBytes());
  }

  /**
   * Moves a staged page that the caller owns back into its region, and wakes its waiters.
   *
   * @return an errno: 0, or EBUSY if the kernel still uses the page
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
      if (errno != Errno.EAGAIN) {
        return errno;
      }
      events.drain(lane);
      pager.pause().round(round);
    }
  }

  /**
   * Protects or unprotects pages that the caller owns; unprotecting wakes.
   *
   * @return false if the region is lost
   */
  boolean protect(Region region, long first, int count, ProtectMode mode, Lane lane) {
    for (int round = 0; ; round++) {
      long result = pager.uffd().writeProtect(region.address(first), pager.bytes(count), mode);
      int errno = FillResult.errno(result);
      if (errno != Errno.EAGAIN) {
        return errno == 0;
      }
      events.drain(lane);
      pager.pause().round(round);
    }
  }

  /** Makes an absent page raise a memory error, and wakes its waiters. */
  void poison(long address, Lane lane) {
    for (int round = 0; ; round++) {
      long result = pager.uffd().poison(address, pager.pageBytes(), FillMode.WAKE);
      int errno = FillResult.errno(result);
      if (errno == Errno.EEXIST) {
        pager.uffd().wake(address, pager.pageBytes());
      }
      if (errno != Errno.EAGAIN) {
        return;
      }
      events.drain(lane);
      pager.pause().round(round);
    }
  }

  void wake(Region region, long first, int count) {
    pager.uffd().wake(region.address(first), pager.bytes(count));
  }
}
