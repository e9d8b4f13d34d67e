package io.faultline.uffd.simulated;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The mappings of one process ({@code mm_struct}). Its addresses lie outside of the ranges that
 * real systems use for native memory and heaps, so that a mix-up is detected.
 */
final class AddressSpace {
  private static final long FIRST = 0x3000_0000_0000L;
  private static final long LAST = 0x3fff_ffff_ffffL;
  private static final long PLACEMENT = 1L << 30;
  private static final Vma[] NO_AREAS = {};

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private volatile Vma[] areas = NO_AREAS;
  private long next = FIRST;
  private final Set<FaultContext> contexts = ConcurrentHashMap.newKeySet();
  private volatile boolean exited;

  /** For faults and fills: keeps mappings unchanged. */
  Lock readLock() {
    return lock.readLock();
  }

  /** For calls that change mappings or registrations. */
  Lock writeLock() {
    return lock.writeLock();
  }

  /** Whether an address lies in the range of simulated addresses. */
  static boolean owns(long address) {
    return address >= FIRST && address <= LAST;
  }

  boolean isExited() {
    return exited;
  }

  /** Marks the process as ended. Under the write lock. */
  void exit() {
    exited = true;
  }

  /**
   * For a thread that has slept, as it continues.
   *
   * @throws ProcessExitedException if its process has ended
   */
  void checkNotExited() {
    if (exited) {
      throw new ProcessExitedException();
    }
  }

  /** Adds a userfaultfd of this memory. */
  void attach(FaultContext context) {
    contexts.add(context);
  }

  /** Removes a userfaultfd that was closed. */
  void detach(FaultContext context) {
    contexts.remove(context);
  }

  /** Wakes all threads of a process that has ended. Without locks. */
  void endSleeps() {
    contexts.forEach(FaultContext::processExited);
  }

  /** Allocates addresses for a mapping, with a gap before the next one. Under the write lock. */
  long place(long lengthBytes) {
    long start = next;
    next = (start + lengthBytes + 2 * PLACEMENT - 1) & -PLACEMENT;
    return start;
  }

  /** Whether a range lies below all addresses that {@link #place} will return. */
  boolean wasPlaced(long start, long lengthBytes) {
    return start >= FIRST && start + lengthBytes <= next;
  }

  /** The area of an address, or null. */
  @Nullable Vma find(long address) {
    Vma[] now = areas;
    int low = 0;
    int high = now.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Vma area = now[middle];
      if (address < area.start()) {
        high = middle - 1;
      } else if (address >= area.end()) {
        low = middle + 1;
      } else {
        return area;
      }
    }
    return null;
  }

  /** All areas, by address. */
  List<Vma> all() {
    return List.of(areas);
  }

  /** The areas that overlap a range, by address. */
  List<Vma> overlapping(long start, long end) {
    List<Vma> found = new ArrayList<>();
    for (Vma area : areas) {
      if (area.start() < end && area.end() > start) {
        found.add(area);
      }
    }
    return found;
  }

  /** Adds an area. Under the write lock. */
  void add(Vma added) {
    List<Vma> changed = new ArrayList<>(List.of(areas));
    changed.add(added);
    set(changed);
  }

  /** Sets the areas of a forked child. */
  void adopt(List<Vma> forked, AddressSpace parent) {
    next = parent.next;
    set(new ArrayList<>(forked));
  }

  /**
   * Replaces the areas in a range, splitting areas at its borders. Under the write lock.
   *
   * @param change returns the replacement of a part, or null to remove it
   */
  void replace(long start, long end, UnaryOperator<@Nullable Vma> change) {
    List<Vma> changed = new ArrayList<>();
    for (Vma area : areas) {
      long from = Math.max(start, area.start());
      long to = Math.min(end, area.end());
      if (from >= to) {
        changed.add(area);
        continue;
      }
      addPart(changed, area, area.start(), from);
      Vma part = change.apply(area.part(from, to, from));
      if (part != null) {
        changed.add(part);
      }
      addPart(changed, area, to, area.end());
    }
    set(changed);
  }

  private static void addPart(List<Vma> target, Vma area, long from, long to) {
    if (from < to) {
      target.add(area.part(from, to, from));
    }
  }

  private void set(List<Vma> changed) {
    changed.sort((a, b) -> Long.compare(a.start(), b.start()));
    List<Vma> merged = new ArrayList<>();
    for (Vma area : changed) {
      Vma last = merged.isEmpty() ? null : merged.getLast();
      if (last != null && last.continuesIn(area)) {
        merged.set(merged.size() - 1, last.extendedTo(area.end()));
      } else {
        merged.add(area);
      }
    }
    areas = merged.toArray(NO_AREAS);
  }
}
