package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.RegisterMode;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** COPY, ZEROPAGE, CONTINUE and POISON over ranges ({@code mfill_atomic}). */
final class Fills {
  private final FaultContext context;
  private final Scheduling scheduling;
  private final GuestMemory memory;

  Fills(FaultContext context, Scheduling scheduling) {
    this.context = context;
    this.scheduling = scheduling;
    this.memory = new GuestMemory(context.space, scheduling);
  }

  /** Fills a range; returns an {@link io.faultline.uffd.FillResult}. */
  long fill(FillPage how, long start, long source, long lengthBytes, FillMode mode) {
    if (context.areMappingsChanging()) {
      return Calls.result(how.call(), start, lengthBytes, 0, Errno.EAGAIN);
    }
    boolean protect = (mode.bits() & FillMode.WRITE_PROTECTED.bits()) != 0;
    boolean takesProtection = how == FillPage.COPY || how == FillPage.CONTINUE;
    if (!Calls.isRange(start, lengthBytes) || (protect && !takesProtection)) {
      return Calls.result(how.call(), start, lengthBytes, 0, Errno.EINVAL);
    }
    if (how == FillPage.COPY && !Calls.isUnalignedRange(source, lengthBytes)) {
      return Calls.result(how.call(), start, lengthBytes, 0, Errno.EINVAL);
    }
    if (how == FillPage.COPY && !Calls.isMappable(source)) {
      return Calls.result(how.call(), start, lengthBytes, 0, Errno.EFAULT);
    }
    if (context.space.isExited()) {
      return Calls.result(how.call(), start, lengthBytes, 0, Errno.ESRCH);
    }
    return fillChecked(how, start, source, lengthBytes, mode);
  }

  private long fillChecked(FillPage how, long start, long source, long lengthBytes, FillMode mode) {
    if (how == FillPage.COPY && AddressSpace.owns(source)) {
      return copyFromGuest(start, source, lengthBytes, mode);
    }
    int errno;
    long done = 0;
    boolean sawWaiters = context.queues().checksForWaitersFirst(start);
    Lock mappings = context.space.readLock();
    mappings.lock();
    try {
      Vma area = context.space.find(start);
      errno = refusal(how, area, start, lengthBytes, mode);
      if (area != null && errno == 0) {
        long pageBytes = area.object().pageBytes;
        int protection = protection(mode);
        while (done < lengthBytes && errno == 0) {
          errno = fillPage(how, area, start + done, source + done, protection);
          done += errno == 0 ? pageBytes : 0;
        }
      }
    } finally {
      mappings.unlock();
    }
    if (done > 0 && (mode.bits() & FillMode.DONT_WAKE.bits()) == 0) {
      context.queues().wakeAfterPublishing(start, done, sawWaiters);
    }
    if (how == FillPage.CONTINUE && done == 0 && errno == Errno.EFAULT) {
      return FillResult.of(0, errno); // a hole in the page cache is no caller's mistake
    }
    return Calls.filled(how.call(), start, lengthBytes, done, errno);
  }

  private static int protection(FillMode mode) {
    return (mode.bits() & FillMode.WRITE_PROTECTED.bits()) == 0 ? 0 : Pte.WRITE_PROTECTED;
  }

  private int fillPage(FillPage how, Vma area, long address, long source, int protection) {
    scheduling.step(Step.PUBLISH, address);
    int index = area.index(address);
    PageLock page = area.object().lock(index);
    page.lock();
    try {
      return context.machine.isMemoryShort()
          ? withoutMemory(how, area)
          : how.apply(area, index, source, protection);
    } finally {
      page.unlock();
    }
  }

  /**
   * The kernel allocates the page before it looks whether one is present. For a copy to hugetlb an
   * exhausted pool is EEXIST ({@code hugetlb_mfill_atomic_pte}).
   */
  private static int withoutMemory(FillPage how, Vma area) {
    boolean pool = how == FillPage.COPY && area.object().pageSize.isHuge();
    return pool ? Errno.EEXIST : Errno.ENOMEM;
  }

  private int refusal(
      FillPage how, @Nullable Vma area, long start, long lengthBytes, FillMode mode) {
    if (area == null || start + lengthBytes > area.end() || area.context() == null) {
      return Errno.ENOENT;
    }
    if (context.areMappingsChanging()) {
      return Errno.EAGAIN;
    }
    if (protection(mode) != 0 && !area.isRegistered(RegisterMode.WRITE_PROTECT)) {
      return Errno.EINVAL;
    }
    MappedObject object = area.object();
    long inPage = object.pageBytes - 1;
    boolean misaligned = ((start - area.start()) & inPage) != 0 || (lengthBytes & inPage) != 0;
    boolean unfit =
        (how == FillPage.ZEROPAGE && object.pageSize.isHuge())
            || (how == FillPage.CONTINUE && object.isAnonymousBasePages());
    return misaligned || unfit ? Errno.EINVAL : 0;
  }

  /** Copies from simulated memory, on which the kernel itself faults page by page. */
  private long copyFromGuest(long start, long source, long lengthBytes, FillMode mode) {
    long buffer = NativeBytes.allocate(lengthBytes);
    if (buffer == 0) {
      return Calls.result(FillPage.COPY.call(), start, lengthBytes, 0, Errno.ENOMEM);
    }
    try {
      memory.copyOut(source, buffer, lengthBytes);
      return fillChecked(FillPage.COPY, start, buffer, lengthBytes, mode);
    } finally {
      NativeBytes.free(buffer);
    }
  }
}
