package io.faultline.paging;

import java.util.concurrent.locks.LockSupport;

/** Waits a little until another thread has changed a state. */
@FunctionalInterface
interface Pause {
  /** Spins, then sleeps for up to 50 microseconds. */
  Pause BRIEF =
      round -> {
        if (round < 50) {
          Thread.onSpinWait();
        } else {
          LockSupport.parkNanos(50_000);
        }
      };

  /**
   * Waits once.
   *
   * @param round how often the caller has waited for the same thing
   */
  void round(int round);
}
