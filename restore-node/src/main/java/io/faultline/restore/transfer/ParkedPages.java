package io.faultline.restore.transfer;

import io.faultline.restore.space.DumpLayout;
import io.faultline.restore.space.Space;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Pages that arrived and that the kernel does not take now: an event of their process is under way,
 * or memory is short. Copies of them wait here; at most what the request window allows.
 *
 * <p>Confined to the session's event loop.
 */
final class ParkedPages {
  /** After this time a page whose address is not mapped is dropped: an event would be there. */
  static final long UNMAPPED_NANOS = 200_000_000;

  private final Deque<Parked> parked = new ArrayDeque<>();

  /**
   * @param memory of the copy; null for pages of zeros
   * @param data address of the copy, or {@link Space#ZEROS}
   */
  private record Parked(
      Space space, long first, int count, long sinceNanos, @Nullable Arena memory, long data) {
    void free() {
      if (memory != null) {
        memory.close();
      }
    }
  }

  /** Receives what does not wait any more. */
  interface Placed {
    void pages(Space space, long first, int count);
  }

  boolean isEmpty() {
    return parked.isEmpty();
  }

  void add(Space space, long first, int count, long data, long nowNanos) {
    if (data == Space.ZEROS) {
      parked.add(new Parked(space, first, count, nowNanos, null, data));
      return;
    }
    long bytes = (long) count * DumpLayout.PAGE_BYTES;
    Arena memory = Arena.ofConfined();
    MemorySegment copy = memory.allocate(bytes);
    copy.copyFrom(MemorySegment.ofAddress(data).reinterpret(bytes));
    parked.add(new Parked(space, first, count, nowNanos, memory, copy.address()));
  }

  /** Tries all of them again. */
  void retry(long nowNanos, Placed placed) {
    for (int i = parked.size(); i > 0; i--) {
      Parked next = parked.remove();
      boolean patient = nowNanos - next.sinceNanos < UNMAPPED_NANOS;
      if (next.space.place(next.first, next.count, next.data, patient)) {
        next.free();
        placed.pages(next.space, next.first, next.count);
      } else {
        parked.add(next);
      }
    }
  }

  /** Frees everything. */
  void clear() {
    parked.forEach(Parked::free);
    parked.clear();
  }
}
