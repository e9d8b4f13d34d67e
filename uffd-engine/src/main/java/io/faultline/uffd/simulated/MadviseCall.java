package io.faultline.uffd.simulated;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.EventType;
import io.faultline.uffd.Feature;
import io.faultline.uffd.SystemCallException;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** madvise, area by area, with the REMOVE event if pages are dropped. */
final class MadviseCall {
  private final AddressSpace space;
  private final GuestMemory memory;

  MadviseCall(AddressSpace space, GuestMemory memory) {
    this.space = space;
    this.memory = memory;
  }

  void advise(long start, long lengthBytes, Advice advice) {
    long end = (start + lengthBytes + Calls.PAGE_BYTES - 1) & -Calls.PAGE_BYTES;
    if ((start & (Calls.PAGE_BYTES - 1)) != 0 || lengthBytes < 0) {
      throw failed(advice, start, end, Errno.EINVAL);
    }
    boolean hole = false;
    long at = start;
    while (at < end) {
      Vma area = firstFrom(at, end);
      if (area == null) {
        hole = true;
        break;
      }
      hole |= area.start() > at;
      long from = Math.max(at, area.start());
      long to = Math.min(end, area.end());
      apply(area, from, to, advice);
      at = to;
    }
    if (hole) {
      throw failed(advice, start, end, Errno.ENOMEM);
    }
  }

  private @Nullable Vma firstFrom(long start, long end) {
    var areas = space.overlapping(start, end);
    return areas.isEmpty() ? null : areas.getFirst();
  }

  private void apply(Vma area, long start, long end, Advice advice) {
    switch (advice) {
      case DONT_NEED, FREE -> drop(area, start, end, advice);
      case REMOVE -> remove(area, start, end);
      case DONT_FORK -> change(start, end, part -> part.forkable(false));
      case POPULATE_WRITE -> populate(area, start, end);
      case COLLAPSE -> withReadLock(() -> TransparentHugePages.collapse(area, start, end));
      case HUGE_PAGE, NO_HUGE_PAGE -> {
        if (area.object().pageSize.isHuge()) {
          throw failed(advice, start, end, Errno.EINVAL);
        }
        change(start, end, part -> part.prefersHuge(advice == Advice.HUGE_PAGE));
      }
      case DONT_DUMP, WILL_NEED -> {
        // a simulated process has neither a core dump nor a disk
      }
    }
  }

  private void drop(Vma area, long start, long end, Advice advice) {
    MappedObject object = area.object();
    long inPage = object.pageBytes - 1;
    if (object.pageSize.isHuge() && (advice == Advice.FREE || (start & inPage) != 0)) {
      throw failed(advice, start, end, Errno.EINVAL);
    }
    long to = end & ~inPage;
    if (start == to) {
      return;
    }
    sendRemoveEvent(area, start, to);
    if (advice == Advice.FREE) {
      // there is no memory pressure here, so the pages stay
      if (!object.isAnonymousBasePages()) {
        throw failed(advice, start, end, Errno.EINVAL);
      }
      return;
    }
    forEachPart(start, to, part -> Zapping.zap(part, part.start(), part.end()));
  }

  private void remove(Vma area, long start, long end) {
    MappedObject object = area.object();
    PageCache cache = object.cache;
    if (cache == null) {
      throw failed(Advice.REMOVE, start, end, Errno.EINVAL);
    }
    if (!object.shared) {
      throw failed(Advice.REMOVE, start, end, Errno.EACCES);
    }
    long offset =
        ((long) object.cacheIndex(area.index(start)) << object.pageShift)
            + (start & (object.pageBytes - 1));
    sendRemoveEvent(area, start, end);
    Zapping.punchBytes(cache, offset, end - start);
  }

  /** Sends REMOVE if it is enabled, and waits until it is read, before anything is dropped. */
  private void sendRemoveEvent(Vma area, long start, long end) {
    FaultContext context = area.context();
    if (context != null && context.has(Feature.EVENT_REMOVE)) {
      context.mappingsChange();
      context.send(new MemoryEvent(EventType.REMOVE, start, end, 0));
      space.checkNotExited();
    }
  }

  private void change(long start, long end, Consumer<Vma> change) {
    Lock mappings = space.writeLock();
    mappings.lock();
    try {
      space.replace(
          start,
          end,
          part -> {
            change.accept(part);
            return part;
          });
    } finally {
      mappings.unlock();
    }
  }

  private void populate(Vma area, long start, long end) {
    for (long at = start; at < end; at += area.object().pageBytes) {
      memory.touchForWrite(at);
    }
  }

  /** Applies an action to the areas that are mapped now, since locks were released in between. */
  private void forEachPart(long start, long end, Consumer<Vma> action) {
    withReadLock(
        () -> {
          for (Vma area : space.overlapping(start, end)) {
            long from = Math.max(start, area.start());
            long to = Math.min(end, area.end());
            action.accept(area.part(from, to, from));
          }
        });
  }

  private void withReadLock(Runnable action) {
    Lock mappings = space.readLock();
    mappings.lock();
    try {
      action.run();
    } finally {
      mappings.unlock();
    }
  }

  private static SystemCallException failed(Advice advice, long start, long end, int errno) {
    return new SystemCallException(Calls.range("madvise " + advice, start, end - start), errno);
  }
}
