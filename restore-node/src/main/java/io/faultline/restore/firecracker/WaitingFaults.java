package io.faultline.restore.firecracker;

import java.util.Arrays;

/**
 * Faults that are not resolved yet: at most one for each thread of the guest. Confined to the VM's
 * thread; allocates only when there are more than ever before.
 */
final class WaitingFaults {
  private static final int FIRST_CAPACITY = 256;

  private long[] addresses = new long[FIRST_CAPACITY];
  private int count;

  /** Tries to resolve a fault. */
  interface Attempt {
    /** Whether it is resolved. */
    boolean resolve(long address);
  }

  void add(long address) {
    if (count == addresses.length) {
      addresses = Arrays.copyOf(addresses, 2 * count);
    }
    addresses[count++] = address;
  }

  boolean isEmpty() {
    return count == 0;
  }

  int count() {
    return count;
  }

  void clear() {
    count = 0;
  }

  /** Tries each, in the order in which they were added, and keeps those that fail. */
  void resolve(Attempt attempt) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      long address = addresses[i];
      if (!attempt.resolve(address)) {
        addresses[kept++] = address;
      }
    }
    count = kept;
  }
}
