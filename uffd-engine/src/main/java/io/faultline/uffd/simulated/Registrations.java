package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
import io.faultline.uffd.Feature;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.UffdIoctl;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Lock;

/** REGISTER and UNREGISTER, and ending all registrations on close. */
final class Registrations {
  private static final String REGISTER = "UFFDIO_REGISTER";
  private static final String UNREGISTER = "UFFDIO_UNREGISTER";

  private final FaultContext context;
  private final AddressSpace space;

  Registrations(FaultContext context) {
    this.context = context;
    this.space = context.space;
  }

  Set<UffdIoctl> register(long start, long lengthBytes, Set<RegisterMode> modes) {
    require(!modes.isEmpty(), REGISTER, start, lengthBytes, Errno.EINVAL);
    Calls.checkRange(REGISTER, start, lengthBytes);
    require(!space.isExited(), REGISTER, start, lengthBytes, Errno.ENOMEM);
    long end = start + lengthBytes;
    boolean huge = false;
    Lock mappings = space.writeLock();
    mappings.lock();
    try {
      List<Vma> areas = space.overlapping(start, end);
      checkBorders(REGISTER, areas, start, lengthBytes);
      for (Vma area : areas) {
        require(canWatch(area, modes), REGISTER, start, lengthBytes, Errno.EINVAL);
        boolean foreign = area.context() != null && area.context() != context;
        require(!foreign, REGISTER, start, lengthBytes, Errno.EBUSY);
        huge |= area.object().pageSize.isHuge();
      }
      space.replace(
          start,
          end,
          part -> {
            if (part.context() == null || !part.modes().containsAll(modes)) {
              part.register(context, modes);
            }
            return part;
          });
    } finally {
      mappings.unlock();
    }
    return ioctls(huge, modes);
  }

  void unregister(long start, long lengthBytes) {
    Calls.checkRange(UNREGISTER, start, lengthBytes);
    require(!space.isExited(), UNREGISTER, start, lengthBytes, Errno.ENOMEM);
    long end = start + lengthBytes;
    boolean wake = false;
    Lock mappings = space.writeLock();
    mappings.lock();
    try {
      List<Vma> areas = space.overlapping(start, end);
      checkBorders(UNREGISTER, areas, start, lengthBytes);
      for (Vma area : areas) {
        boolean foreign = area.context() != null && area.context() != context;
        require(!foreign, UNREGISTER, start, lengthBytes, Errno.EINVAL);
        wake |= area.context() != null;
      }
      end(start, end);
    } finally {
      mappings.unlock();
    }
    if (wake) {
      context.queues().wake(start, lengthBytes);
    }
  }

  /** Ends all registrations with this userfaultfd, on close. */
  void endAll() {
    Lock mappings = space.writeLock();
    mappings.lock();
    try {
      end(0, Long.MAX_VALUE);
    } finally {
      mappings.unlock();
    }
  }

  private void end(long start, long end) {
    space.replace(
        start,
        end,
        part -> {
          if (part.context() == context) {
            forget(part);
          }
          return part;
        });
  }

  /** Ends the registration of an area, and its write protection. Under the write lock. */
  static void forget(Vma area) {
    if (area.isRegistered(RegisterMode.WRITE_PROTECT)) {
      Protection.protect(area, area.start(), area.end(), false);
    }
    area.unregister();
  }

  private boolean canWatch(Vma area, Set<RegisterMode> modes) {
    MappedObject object = area.object();
    boolean anonymous = object.isAnonymousBasePages();
    boolean huge = object.pageSize.isHuge();
    if (anonymous) {
      return !modes.contains(RegisterMode.MINOR);
    }
    Feature missing = huge ? Feature.MISSING_HUGETLBFS : Feature.MISSING_SHMEM;
    Feature minor = huge ? Feature.MINOR_HUGETLBFS : Feature.MINOR_SHMEM;
    Set<Feature> supported = supported();
    return (!modes.contains(RegisterMode.MISSING) || supported.contains(missing))
        && (!modes.contains(RegisterMode.MINOR) || supported.contains(minor))
        && (!modes.contains(RegisterMode.WRITE_PROTECT)
            || supported.contains(Feature.WP_HUGETLBFS_SHMEM));
  }

  private Set<Feature> supported() {
    return context.machine.options.features();
  }

  private static void checkBorders(String call, List<Vma> areas, long start, long lengthBytes) {
    require(!areas.isEmpty(), call, start, lengthBytes, Errno.EINVAL);
    Calls.checkBorders(call, areas, start, lengthBytes);
  }

  private static Set<UffdIoctl> ioctls(boolean huge, Set<RegisterMode> modes) {
    Set<UffdIoctl> granted = EnumSet.of(UffdIoctl.WAKE, UffdIoctl.COPY, UffdIoctl.POISON);
    if (!huge) {
      granted.add(UffdIoctl.ZEROPAGE);
      granted.add(UffdIoctl.MOVE);
    }
    if (modes.contains(RegisterMode.WRITE_PROTECT)) {
      granted.add(UffdIoctl.WRITEPROTECT);
    }
    if (modes.contains(RegisterMode.MINOR)) {
      granted.add(UffdIoctl.CONTINUE);
    }
    return granted;
  }

  private static void require(boolean holds, String call, long start, long lengthBytes, int errno) {
    if (!holds) {
      throw new SystemCallException(Calls.range(call, start, lengthBytes), errno);
    }
  }
}
