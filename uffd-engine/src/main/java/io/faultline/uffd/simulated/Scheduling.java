package io.faultline.uffd.simulated;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Decides when threads inside the simulated kernel continue. {@link #FREE} lets them run; a test
 * stops each one at its {@link Step}s to choose the interleaving.
 *
 * <p>Called without page locks or queue locks, but with the address space's read lock held: an
 * implementation must not stop a thread at a step while another one maps or unmaps.
 */
public interface Scheduling {
  /** Threads run freely and sleep on real time. */
  Scheduling FREE =
      new Scheduling() {
        @Override
        public void step(Step step, long address) {
          // never stops a thread
        }

        @Override
        public boolean stopsThreads() {
          return false;
        }

        @Override
        public void sleepUntil(BooleanSupplier awake) {
          boolean interrupted = false;
          while (!awake.getAsBoolean()) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
          }
          if (interrupted) {
            Thread.currentThread().interrupt();
          }
        }

        @Override
        public void wake(Thread thread) {
          LockSupport.unpark(thread);
        }
      };

  /** Called by a thread that is about to take a step at an address. */
  void step(Step step, long address);

  /** Whether a thread may be stopped at a step. */
  default boolean stopsThreads() {
    return true;
  }

  /**
   * Returns once {@code awake} holds. Like a fault, it is not ended by an interrupt.
   *
   * @param awake set by another thread, which then calls {@link #wake}
   */
  void sleepUntil(BooleanSupplier awake);

  /** Makes a sleeping thread check its condition again. */
  void wake(Thread thread);
}
