package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import java.util.List;
import java.util.concurrent.locks.Lock;

/** WRITEPROTECT ({@code mwriteprotect_range}). */
final class Protection {
  private static final String CALL = "UFFDIO_WRITEPROTECT";

  private final FaultContext context;

  Protection(FaultContext context) {
    this.context = context;
  }

  /** Protects or unprotects a range; returns an {@link io.faultline.uffd.FillResult}. */
  long writeProtect(long start, long lengthBytes, ProtectMode mode) {
    if (context.areMappingsChanging()) {
      return Calls.result(CALL, start, lengthBytes, 0, Errno.EAGAIN);
    }
    if (!Calls.isRange(start, lengthBytes) || mode == ProtectMode.PROTECT_DONT_WAKE) {
      return Calls.result(CALL, start, lengthBytes, 0, Errno.EINVAL);
    }
    if (context.space.isExited()) {
      return Calls.result(CALL, start, lengthBytes, 0, Errno.ESRCH);
    }
    boolean protect = mode == ProtectMode.PROTECT;
    int errno;
    Lock mappings = context.space.readLock();
    mappings.lock();
    try {
      errno = apply(start, start + lengthBytes, protect);
    } finally {
      mappings.unlock();
    }
    if (errno == 0 && mode == ProtectMode.UNPROTECT) {
      context.queues().wake(start, lengthBytes);
    }
    return Calls.result(CALL, start, lengthBytes, errno == 0 ? lengthBytes : 0, errno);
  }

  private int apply(long start, long end, boolean protect) {
    if (context.areMappingsChanging()) {
      return Errno.EAGAIN;
    }
    List<Vma> areas = context.space.overlapping(start, end);
    int errno = areas.isEmpty() ? Errno.ENOENT : 0;
    for (Vma area : areas) {
      if (!area.isRegistered(RegisterMode.WRITE_PROTECT)) {
        return Errno.ENOENT;
      }
      long inPage = area.object().pageBytes - 1;
      if (((start | end) & inPage) != 0) {
        return Errno.EINVAL;
      }
      protect(area, Math.max(start, area.start()), Math.min(end, area.end()), protect);
    }
    return errno;
  }

  /** Protects or unprotects the pages of a part of an area. */
  static void protect(Vma area, long start, long end, boolean protect) {
    MappedObject object = area.object();
    int last = area.index(end);
    for (int index = area.index(start); index < last; index++) {
      PageLock page = object.lock(index);
      page.lock();
      try {
        if (protect) {
          protectPage(area, index);
        } else {
          object.table.set(index, object.table.get(index) & ~Pte.WRITE_PROTECTED);
        }
      } finally {
        page.unlock();
      }
    }
  }

  /** Protects a page, or sets a marker for a missing one. Under the page's lock. */
  static void protectPage(Vma area, int index) {
    int pte = PageFaults.syncEntry(area, index);
    boolean marks = pte == Pte.NONE && area.usesMarkers();
    if (Pte.isPresent(pte) || marks) {
      area.object().table.set(index, pte | Pte.WRITE_PROTECTED);
    }
  }
}
