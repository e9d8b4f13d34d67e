package io.faultline.demo.simulated;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Pauses, resumes and stops the vCPUs of a VM. A vCPU looks at {@link #attention} between two
 * operations, which costs it nothing, and comes to {@link #checkpoint} only where it is set.
 *
 * <p>Thread-safe.
 */
final class RunControl {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** vCPUs that may do an operation: neither parked nor ended. Under the lock. */
  private int running;

  /** vCPUs that have not ended. Under the lock. */
  private int alive;

  private boolean paused;

  /** Somebody waits for all vCPUs to come to the checkpoint; apart from any pause. */
  private boolean gathering;

  private volatile boolean attention;
  private volatile boolean stopped;

  /** Before the threads of so many vCPUs start. */
  void starting(int vcpus) {
    lock.lock();
    try {
      running = vcpus;
      alive = vcpus;
    } finally {
      lock.unlock();
    }
  }

  /** Whether vCPUs shall come to {@link #checkpoint}. */
  boolean attention() {
    return attention;
  }

  /** Whether vCPUs were stopped for good. */
  boolean stopped() {
    return stopped;
  }

  /**
   * By a vCPU: waits while the VM is paused. This wait has no limit, since a pause has none.
   *
   * @throws VcpuStoppedException where the vCPU shall end
   */
  void checkpoint() {
    lock.lock();
    try {
      running--;
      changed.signalAll();
      while ((paused || gathering) && !stopped) {
        changed.awaitUninterruptibly();
      }
      running++;
    } finally {
      lock.unlock();
    }
    if (stopped) {
      throw new VcpuStoppedException();
    }
  }

  /** By a vCPU: it will do no further operation. */
  void ended() {
    lock.lock();
    try {
      running--;
      alive--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Parks all vCPUs between two operations. Where that fails they go on.
   *
   * @throws IllegalStateException where one does not come out of a page fault in time, or the
   *     thread is interrupted
   */
  void pause(Duration timeout) {
    lock.lock();
    try {
      paused = true;
      attention = true;
      awaitAllParked(timeout);
    } catch (IllegalStateException e) {
      resume();
      throw e;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns when all vCPUs have come to {@link #checkpoint} since the call, or were there. They go
   * on from there at once, unless the VM is paused, which this does not change.
   *
   * @throws IllegalStateException as {@link #pause}
   */
  void gather(Duration timeout) {
    lock.lock();
    try {
      gathering = true;
      attention = true;
      awaitAllParked(timeout);
    } finally {
      gathering = false;
      goOn();
      lock.unlock();
    }
  }

  /** Under the lock, which it gives up meanwhile. */
  private void awaitAllParked(Duration timeout) {
    try {
      if (!await(() -> running == 0, timeout)) {
        throw new IllegalStateException(
            running + " vCPUs did not come out of a page fault within " + timeout);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while pausing the vCPUs", e);
    }
  }

  /** Lets parked vCPUs go on. */
  void resume() {
    lock.lock();
    try {
      paused = false;
      goOn();
    } finally {
      lock.unlock();
    }
  }

  /** Under the lock: lets vCPUs go on as far as nobody else holds them. */
  private void goOn() {
    attention = stopped || paused || gathering;
    changed.signalAll();
  }

  /** Tells all vCPUs to end. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      attention = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether all vCPUs have ended, or none was started. */
  boolean allEnded() {
    lock.lock();
    try {
      return alive == 0;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a condition that can become true only before a vCPU ends or parks. */
  boolean awaitChange(BooleanSupplier condition, Duration timeout) throws InterruptedException {
    lock.lock();
    try {
      return await(condition, timeout);
    } finally {
      lock.unlock();
    }
  }

  private boolean await(BooleanSupplier condition, Duration timeout) throws InterruptedException {
    long nanos = TimeUnit.NANOSECONDS.convert(timeout);
    while (!condition.getAsBoolean()) {
      if (nanos <= 0) {
        return false;
      }
      nanos = changed.awaitNanos(nanos);
    }
    return true;
  }
}
