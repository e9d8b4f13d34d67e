package io.faultline.dest;

import io.faultline.memory.MemoryRegion;
import java.util.ArrayList;
import java.util.List;

/** Keeps what waits for memory, until the test tries again. */
final class HeldWaits implements MemoryWaits {
  private final List<MemoryWaiter> waiting = new ArrayList<>();

  /** The offset of the last page that there was no memory for. */
  long shortOffset = -1;

  @Override
  public void add(MemoryWaiter waiter, MemoryRegion region, long offset) {
    shortOffset = offset;
    if (!waiting.contains(waiter)) {
      waiting.add(waiter);
    }
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Tries everything again; what still has no memory stays. */
  void retry() {
    for (MemoryWaiter each : List.copyOf(waiting)) {
      if (each.retry()) {
        waiting.remove(each);
      }
    }
  }
}
