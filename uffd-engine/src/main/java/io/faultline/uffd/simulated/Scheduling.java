package io.faultline.uffd.simulated;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Decides when threads inside the simulated kernel go on. {@link #FREE} lets them run as they do; a
 * test stops each at its {@link Step}s, to choose the interleaving itself.
 *
 * <p>An implementation is called without any page lock or queue lock, but with the address space's
 * lock held for reading: a schedule must not hold a thread at a step while another one maps or
 * unmaps.
 */
public interface Scheduling {
  /** Threads run freely and sleep on real time. */
  Scheduling FREE =
      new Scheduling() {
        @Override
        public void step(Step step, long address) {
          // nobody to ask
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

  /** Called by a thread that is about to take a step that concerns an address. */
  void step(Step step, long address);

  /** Whether a thread may be stopped at a step. */
  default boolean stopsThreads() {
    return true;
  }

  /**
   * Returns once {@code awake} holds. An interrupt does not end it, as it does not end a fault.
   *
   * @param awake turns true by another thread, which calls {@link #wake} after that
   */
  void sleepUntil(BooleanSupplier awake);

  /** Makes a sleeping thread look at its condition again. */
  void wake(Thread thread);
}
