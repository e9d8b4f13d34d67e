package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
import io.faultline.uffd.EventType;
import io.faultline.uffd.Feature;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.MemoryFile;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;

/** mmap, munmap and mremap, with the events that they send and wait for. */
final class Mappings {
  /** An event to send after the locks are released. */
  private record PendingEvent(FaultContext context, MemoryEvent event) {}

  private final SimulatedMachine machine;
  private final AddressSpace space;

  Mappings(SimulatedMachine machine, AddressSpace space) {
    this.machine = machine;
    this.space = space;
  }

  long map(MapRequest request) {
    PageSize size = request.file() == null ? request.pageSize() : request.file().pageSize();
    long pageBytes = machine.pageBytes(size);
    long length = (request.lengthBytes() + pageBytes - 1) & -pageBytes;
    long pages = length / pageBytes;
    String call = "mmap(length=" + request.lengthBytes() + ", " + size + ")";
    if (request.fileOffsetBytes() % pageBytes != 0) {
      throw new SystemCallException(
          call, Errno.EINVAL, "the file offset is not a multiple of the page size");
    }
    if (pages > Integer.MAX_VALUE || length > machine.availableBytes()) {
      throw new SystemCallException(call, Errno.ENOMEM, "the simulated machine has less memory");
    }
    MappedObject object = object(request, size, pageBytes, (int) pages, call);
    Lock mappings = space.writeLock();
    mappings.lock();
    try {
      long start = space.place(length);
      space.add(new Vma(object, start, start + length, 0));
      return start;
    } finally {
      mappings.unlock();
    }
  }

  private MappedObject object(
      MapRequest request, PageSize size, long pageBytes, int pages, String call) {
    MemoryFile file = request.file();
    PageCache cache = file == null ? null : cacheOf(file, call);
    int first = (int) (request.fileOffsetBytes() / pageBytes);
    if (request.shared()) {
      PageCache shared = cache == null ? machine.createCache(pages, size) : cache;
      return shared(shared, cache == null, size, pageBytes, pages, first, call);
    }
    PoolPages poolPages = new PoolPages(machine.pool(size));
    reserve(poolPages, 0, pages, size, call);
    Frames own = Frames.allocate(pages, pageBytes);
    return new MappedObject(size, pageBytes, pages, cache, first, own, poolPages);
  }

  private MappedObject shared(
      PageCache cache,
      boolean unnamed,
      PageSize size,
      long pageBytes,
      int pages,
      int first,
      String call) {
    try {
      reserve(cache.poolPages, first, Math.min(first + pages, cache.pages()), size, call);
      PoolPages none = new PoolPages(null);
      return new MappedObject(size, pageBytes, pages, cache, first, null, none);
    } finally {
      if (unnamed) {
        cache.release();
      }
    }
  }

  private static PageCache cacheOf(MemoryFile file, String call) {
    if (file instanceof SimulatedMemoryFile simulated) {
      return simulated.cache();
    }
    throw new SystemCallException(call, Errno.EBADF, "the file is of another engine");
  }

  private void reserve(PoolPages poolPages, int first, int end, PageSize size, String call) {
    if (first < end && !poolPages.reserve(first, end)) {
      throw new SystemCallException(
          call, Errno.ENOMEM, (end - first) + " huge pages are needed, " + machine.poolHint(size));
    }
  }

  void unmap(long start, long lengthBytes) {
    Calls.checkRange("munmap", start, lengthBytes);
    List<PendingEvent> pendingEvents = new ArrayList<>();
    Lock mappings = space.writeLock();
    mappings.lock();
    try {
      unmap("munmap", start, lengthBytes, pendingEvents);
    } finally {
      mappings.unlock();
    }
    send(pendingEvents);
  }

  /** Under the write lock. */
  private void unmap(String call, long start, long lengthBytes, List<PendingEvent> pendingEvents) {
    long end = start + lengthBytes;
    Calls.checkBorders(call, space.overlapping(start, end), start, lengthBytes);
    space.replace(
        start,
        end,
        part -> {
          addUnmapEvent(pendingEvents, part);
          removePart(part);
          return null;
        });
  }

  void replaceByZeros(long start, long lengthBytes) {
    Calls.checkRange("mmap", start, lengthBytes);
    MapRequest zeros = MapRequest.anonymous(lengthBytes, PageSize.BASE);
    long pageBytes = machine.pageBytes(PageSize.BASE);
    int pages = Math.toIntExact(lengthBytes / pageBytes);
    MappedObject object = object(zeros, PageSize.BASE, pageBytes, pages, "mmap");
    List<PendingEvent> pendingEvents = new ArrayList<>();
    Lock mappings = space.writeLock();
    mappings.lock();
    try {
      unmap("mmap", start, lengthBytes, pendingEvents);
      space.add(new Vma(object, start, start + lengthBytes, 0));
    } finally {
      mappings.unlock();
    }
    send(pendingEvents);
  }

  /** Removes all mappings without events, at the end of the process. */
  void unmapAll() {
    space.replace(
        0,
        Long.MAX_VALUE,
        part -> {
          removePart(part);
          return null;
        });
  }

  private static void removePart(Vma part) {
    MappedObject object = part.object();
    int first = part.index(part.start());
    int end = part.index(part.end());
    for (int index = first; index < end; index++) {
      object.table.set(index, Pte.NONE);
    }
    object.unmapped(first, end);
  }

  /** Moves a range to an address that nothing has used before. */
  long remap(long start, long lengthBytes) {
    Calls.checkRange("mremap", start, lengthBytes);
    List<PendingEvent> pendingEvents = new ArrayList<>();
    long moved;
    Lock mappings = space.writeLock();
    mappings.lock();
    try {
      Vma area = movable(start, lengthBytes);
      moved = space.place(lengthBytes);
      move(area, start, start + lengthBytes, moved, pendingEvents);
    } finally {
      mappings.unlock();
    }
    send(pendingEvents);
    return moved;
  }

  /**
   * Moves a range to a target, which is unmapped first. The events, in order: UNMAP of the target,
   * REMAP, UNMAP of the old range.
   */
  void remap(long start, long lengthBytes, long target) {
    Calls.checkRange("mremap", start, lengthBytes);
    Calls.checkRange("mremap to", target, lengthBytes);
    List<PendingEvent> pendingEvents = new ArrayList<>();
    Lock mappings = space.writeLock();
    mappings.lock();
    try {
      boolean overlaps = start < target + lengthBytes && target < start + lengthBytes;
      if (overlaps || !space.wasPlaced(target, lengthBytes)) {
        throw new SystemCallException(
            Calls.range("mremap to", target, lengthBytes),
            Errno.EINVAL,
            "it overlaps the old range, or was never used");
      }
      Vma area = movable(start, lengthBytes);
      unmap("mremap", target, lengthBytes, pendingEvents);
      move(area, start, start + lengthBytes, target, pendingEvents);
    } finally {
      mappings.unlock();
    }
    send(pendingEvents);
  }

  private Vma movable(long start, long lengthBytes) {
    Vma area = space.find(start);
    if (area == null || start + lengthBytes > area.end()) {
      throw new SystemCallException(Calls.range("mremap", start, lengthBytes), Errno.EFAULT);
    }
    Calls.checkBorders("mremap", List.of(area), start, lengthBytes);
    return area;
  }

  /** Moves an area. The REMAP event precedes the UNMAP event of the old range. */
  private void move(Vma area, long start, long end, long target, List<PendingEvent> pendingEvents) {
    FaultContext context = area.context();
    Vma moved = area.part(start, end, target);
    if (context != null && context.has(Feature.EVENT_REMAP)) {
      context.mappingsChange();
      pendingEvents.add(
          new PendingEvent(context, new MemoryEvent(EventType.REMAP, start, target, end - start)));
    } else if (context != null) {
      Registrations.forget(moved);
    }
    space.replace(
        start,
        end,
        part -> {
          addUnmapEvent(pendingEvents, part);
          return null;
        });
    space.add(moved);
  }

  private static void addUnmapEvent(List<PendingEvent> pendingEvents, Vma part) {
    FaultContext context = part.context();
    if (context != null && context.has(Feature.EVENT_UNMAP)) {
      context.mappingsChange();
      MemoryEvent event = new MemoryEvent(EventType.UNMAP, part.start(), part.end(), 0);
      pendingEvents.add(new PendingEvent(context, event));
    }
  }

  private void send(List<PendingEvent> pendingEvents) {
    for (PendingEvent pending : pendingEvents) {
      pending.context.send(pending.event);
    }
    if (!pendingEvents.isEmpty()) {
      space.checkNotExited();
    }
  }
}
