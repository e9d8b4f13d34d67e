package io.faultline.demo.kvm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Pauses, resumes and stops the vCPUs of a VM. A vCPU asks {@link #next} before each entry into the
 * guest; one that is in there is kicked out. A kick is never lost: it holds until the vCPU may
 * enter again, which is decided here, under the lock under which kicks are given.
 *
 * <p>Thread-safe.
 */
final class RunControl {
  /** What a vCPU shall do next. */
  enum Step {
    ENTER,
    COMPLETE_EXIT,
    END
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** vCPUs that may be in the guest: neither parked nor ended. Under the lock. */
  private final List<Vcpu> running = new ArrayList<>();

  private boolean paused;
  private boolean stopped;

  /** By a vCPU: waits while the VM is paused, or the vCPU is at its target. */
  Step next(Vcpu vcpu) {
    lock.lock();
    try {
      if (!running.contains(vcpu)) {
        running.add(vcpu);
      }
      if (mustPark(vcpu) && vcpu.exitPending()) {
        return Step.COMPLETE_EXIT;
      }
      if (mustPark(vcpu)) {
        running.remove(vcpu);
        changed.signalAll();
        while (mustPark(vcpu)) {
          changed.awaitUninterruptibly(); // without limit, since a pause has none
        }
        running.add(vcpu);
      }
      if (stopped) {
        return Step.END;
      }
      vcpu.allowEntry();
      return Step.ENTER;
    } finally {
      lock.unlock();
    }
  }

  private boolean mustPark(Vcpu vcpu) {
    return (paused || vcpu.atTarget()) && !stopped;
  }

  /** By a vCPU: it will not enter the guest any more. */
  void ended(Vcpu vcpu) {
    lock.lock();
    try {
      running.remove(vcpu);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes all vCPUs out of the guest.
   *
   * @throws IllegalStateException where one does not come in time, or the thread is interrupted;
   *     the VM then goes on
   */
  void pause(Duration timeout) {
    lock.lock();
    try {
      paused = true;
      running.forEach(Vcpu::kick);
      if (!await(running::isEmpty, timeout)) {
        List<Vcpu> late = List.copyOf(running);
        resume(() -> {});
        throw new IllegalStateException(late + " did not stop within " + timeout);
      }
    } catch (InterruptedException e) {
      resume(() -> {});
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while pausing the vCPUs", e);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Lets vCPUs go on.
   *
   * @param before done first, while none is in the guest if they were paused
   */
  void resume(Runnable before) {
    lock.lock();
    try {
      if (paused) {
        before.run();
      }
      paused = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes all vCPUs out of the guest for good.
   *
   * @throws IllegalStateException as {@link #pause}; they are still told to end
   */
  void stop(Duration timeout) {
    lock.lock();
    try {
      stopped = true;
      running.forEach(Vcpu::kick);
      changed.signalAll();
      if (!await(running::isEmpty, timeout)) {
        throw new IllegalStateException(running + " go on " + timeout + " after they were stopped");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while stopping the vCPUs", e);
    } finally {
      lock.unlock();
    }
  }

  /** Asks for something while no vCPU is in the guest, nor can enter it; empty where one is. */
  <T> Optional<T> whileParked(Supplier<T> question) {
    lock.lock();
    try {
      return running.isEmpty() ? Optional.of(question.get()) : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until no vCPU is in the guest and all are at their targets, or will never be: they were
   * stopped, or a condition holds that a vCPU makes true when it ends.
   */
  void awaitTargets(BooleanSupplier atTargets, BooleanSupplier failed, Duration timeout)
      throws InterruptedException {
    lock.lock();
    try {
      await(
          () ->
              failed.getAsBoolean() || (running.isEmpty() && (stopped || atTargets.getAsBoolean())),
          timeout);
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
