package io.faultline.restore.firecracker;

/**
 * Whether to look for the next fault without sleeping, for a moment after the last one: a thread
 * that goes on after a fault often has the next one before this thread has fallen asleep, and
 * waking it takes longer than filling a page. Where that is in vain, as with a VM on the same CPU,
 * it is tried rarely. Confined to the VM's thread.
 */
final class SpinChoice {
  /** The longest time. */
  static final long NANOS = 30_000;

  private static final int MOST_FAILURES = 4;
  private static final int PAUSE_ROUNDS = 256;

  private int failures;
  private int pause;

  /** Whether to do so this time. */
  boolean isWorthwhile() {
    if (pause > 0) {
      pause--;
      return false;
    }
    return true;
  }

  /** What came of it. */
  void ended(boolean found) {
    failures = found ? 0 : failures + 1;
    if (failures >= MOST_FAILURES) {
      failures = MOST_FAILURES - 1; // one more attempt after the pause
      pause = PAUSE_ROUNDS;
    }
  }
}
