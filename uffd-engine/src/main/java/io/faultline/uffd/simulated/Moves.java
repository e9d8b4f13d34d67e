package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
import io.faultline.uffd.MoveMode;
import java.util.concurrent.locks.Lock;
import org.jspecify.annotations.Nullable;

/** MOVE ({@code move_pages}): moves the contents instead of the pages, with the same effect. */
final class Moves {
  private static final String CALL = "UFFDIO_MOVE";

  private final FaultContext context;
  private final Scheduling scheduling;

  Moves(FaultContext context, Scheduling scheduling) {
    this.context = context;
    this.scheduling = scheduling;
  }

  /** Moves a range; returns an {@link io.faultline.uffd.FillResult}. */
  long move(long destination, long source, long lengthBytes, MoveMode mode) {
    if (context.areMappingsChanging()) {
      return Calls.result(CALL, destination, lengthBytes, 0, Errno.EAGAIN);
    }
    if (!Calls.isRange(destination, lengthBytes) || !Calls.isRange(source, lengthBytes)) {
      return Calls.result(CALL, destination, lengthBytes, 0, Errno.EINVAL);
    }
    if (context.space.isExited()) {
      return Calls.result(CALL, destination, lengthBytes, 0, Errno.ESRCH);
    }
    boolean holes = (mode.bits() & MoveMode.ALLOW_HOLES.bits()) != 0;
    long done = 0;
    int errno;
    boolean sawWaiters = context.queues().checksForWaitersFirst(destination);
    Lock mappings = context.space.readLock();
    mappings.lock();
    try {
      Vma from = context.space.find(source);
      Vma to = context.space.find(destination);
      errno = refusal(from, source, to, destination, lengthBytes);
      while (from != null && to != null && errno == 0 && done < lengthBytes) {
        boolean whole =
            TransparentHugePages.staysWhole(
                source + done, destination + done, source, source + lengthBytes);
        int kept = Pte.PRESENT | Pte.ANONYMOUS | (whole ? Pte.HUGE : 0);
        errno = movePage(from, source + done, to, destination + done, holes, kept);
        done += errno == 0 ? Calls.PAGE_BYTES : 0;
      }
    } finally {
      mappings.unlock();
    }
    if (done > 0 && (mode.bits() & MoveMode.DONT_WAKE.bits()) == 0) {
      context.queues().wakeAfterPublishing(destination, done, sawWaiters);
    }
    return Calls.filled(CALL, destination, lengthBytes, done, errno);
  }

  private int refusal(
      @Nullable Vma from, long source, @Nullable Vma to, long destination, long lengthBytes) {
    if (context.areMappingsChanging()) {
      return Errno.EAGAIN;
    }
    if (from == null || to == null) {
      return Errno.ENOENT;
    }
    boolean fits = source + lengthBytes <= from.end() && destination + lengthBytes <= to.end();
    boolean movable = from.object().isAnonymousBasePages() && to.object().isAnonymousBasePages();
    return fits && movable && to.context() == context ? 0 : Errno.EINVAL;
  }

  private int movePage(Vma from, long source, Vma to, long destination, boolean holes, int kept) {
    scheduling.step(Step.PUBLISH, destination);
    int fromIndex = from.index(source);
    int toIndex = to.index(destination);
    PageLock one = from.object().lock(fromIndex);
    PageLock other = to.object().lock(toIndex);
    PageLock outer = one.comesBefore(other) ? one : other;
    PageLock inner = one.comesBefore(other) ? other : one;
    outer.lock();
    try {
      inner.lock();
      try {
        return moveLocked(from, fromIndex, to, toIndex, holes, kept);
      } finally {
        inner.unlock();
      }
    } finally {
      outer.unlock();
    }
  }

  private static int moveLocked(
      Vma from, int fromIndex, Vma to, int toIndex, boolean holes, int kept) {
    MappedObject source = from.object();
    MappedObject target = to.object();
    int pte = PageFaults.syncEntry(from, fromIndex);
    if (target.table.get(toIndex) != Pte.NONE) {
      return Errno.EEXIST;
    }
    if (pte == Pte.NONE) {
      return holes ? 0 : Errno.ENOENT;
    }
    if (!Pte.isPresent(pte)) {
      return Errno.EFAULT;
    }
    if (Pte.has(pte, Pte.FORKED | Pte.PINNED)) {
      return Errno.EBUSY;
    }
    if (Pte.has(pte, Pte.ZERO)) {
      target.table.set(toIndex, Pte.PRESENT | Pte.ANONYMOUS | Pte.ZERO);
    } else {
      target.privateFrames().fill(toIndex, source.privateFrames().address(fromIndex));
      target.table.set(toIndex, pte & kept);
    }
    source.table.set(fromIndex, Pte.NONE);
    source.dropOwn(fromIndex);
    return 0;
  }
}
