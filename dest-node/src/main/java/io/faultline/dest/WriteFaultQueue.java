package io.faultline.dest;

import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Write faults on their way from the control loop, which reads all faults, to the thread of a
 * snapshot. Thread-safe. Its size is that of the faults that vCPUs wait in.
 */
final class WriteFaultQueue {
  private static final int INITIAL = 64;
  private static final int FLAGS = EventBuffer.FLAG_WRITE | EventBuffer.FLAG_WRITE_PROTECTED;

  private long[] addresses = new long[INITIAL];
  private int size;

  synchronized void add(long address) {
    if (size == addresses.length) {
      addresses = Arrays.copyOf(addresses, 2 * size);
    }
    addresses[size++] = address;
    notifyAll();
  }

  /** Waits until there is a fault, or the time is over, or the thread is interrupted. */
  synchronized void await(int timeoutMillis) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    try {
      for (long left = 1; size == 0 && left > 0; ) {
        left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        wait(Math.max(1, left));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Fills a buffer, and returns how many faults it has. */
  synchronized int read(EventBuffer to) {
    to.clear();
    int count = Math.min(size, to.capacity());
    for (int i = 0; i < count; i++) {
      to.add(EventType.PAGE_FAULT, addresses[i], FLAGS, 0);
    }
    System.arraycopy(addresses, count, addresses, 0, size - count);
    size -= count;
    return count;
  }
}
