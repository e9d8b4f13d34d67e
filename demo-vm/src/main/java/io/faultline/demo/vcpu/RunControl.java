package io.faultline.demo.vcpu;

import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Pauses, resumes and stops the vCPUs of one VM.
 *
 * <p>A vCPU that executes is interrupted and comes to its {@link #checkpoint}, where it parks while
 * the VM is paused. An interrupt is never lost: it holds until the vCPU may execute again, and that
 * is decided at the checkpoint, under the lock under which interrupts are sent.
 *
 * <p>Thread-safe.
 */
public final class RunControl {
  /** What a vCPU does after its {@link #checkpoint}. */
  public enum Step {
    /** Execute guest instructions until interrupted. */
    RUN,
    /** Complete the last exit without executing guest instructions, then call again. */
    COMPLETE_EXIT,
    /** End. */
    END
  }

  private final ReentrantLock lock = new ReentrantLock();

  /** A vCPU parked or ended, or may leave its checkpoint. */
  private final Condition changed = lock.newCondition();

  /** vCPUs that may execute: neither parked nor ended. Under the lock. */
  private final Set<ControlledVcpu> running = new HashSet<>();

  private boolean paused;

  /** A {@link #rendezvous} is waiting, whether the VM is paused or not. */
  private boolean inRendezvous;

  private volatile boolean stopped;

  /**
   * Counts a vCPU as running before its thread starts, so that {@link #pause} waits for it. Without
   * this a vCPU counts from its first {@link #checkpoint}.
   */
  public void add(ControlledVcpu vcpu) {
    lock.lock();
    try {
      running.add(vcpu);
      if (paused || inRendezvous || stopped) {
        vcpu.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * By a vCPU before it executes, when it is new or was interrupted: waits while the VM is paused
   * or the vCPU is at its target. The wait is unbounded, as a pause is.
   */
  public Step checkpoint(ControlledVcpu vcpu) {
    lock.lock();
    try {
      running.add(vcpu);
      if (mustPark(vcpu)) {
        if (vcpu.hasPendingExit()) {
          return Step.COMPLETE_EXIT;
        }
        park(vcpu);
      }
      if (stopped) {
        return Step.END;
      }
      vcpu.clearInterrupt();
      return Step.RUN;
    } finally {
      lock.unlock();
    }
  }

  private void park(ControlledVcpu vcpu) {
    running.remove(vcpu);
    changed.signalAll();
    while (mustPark(vcpu)) {
      changed.awaitUninterruptibly();
    }
    running.add(vcpu);
  }

  private boolean mustPark(ControlledVcpu vcpu) {
    return (paused || inRendezvous || vcpu.isAtTarget()) && !stopped;
  }

  /** By a vCPU: it will not execute any more. It is not interrupted from here on. */
  public void ended(ControlledVcpu vcpu) {
    lock.lock();
    try {
      running.remove(vcpu);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Parks all vCPUs. If that fails, they continue.
   *
   * @throws IllegalStateException if a vCPU does not park in time, or this thread is interrupted
   */
  public void pause(Duration timeout) {
    lock.lock();
    try {
      paused = true;
      awaitAllParked(timeout);
    } catch (RuntimeException e) {
      resume();
      throw e;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns when each vCPU has passed its {@link #checkpoint} since the call, or is parked there.
   * The vCPUs continue immediately, unless the VM is paused, which this does not change.
   *
   * @throws IllegalStateException as {@link #pause}
   */
  public void rendezvous(Duration timeout) {
    lock.lock();
    try {
      inRendezvous = true;
      awaitAllParked(timeout);
    } finally {
      inRendezvous = false;
      changed.signalAll();
      lock.unlock();
    }
  }

  private void awaitAllParked(Duration timeout) {
    running.forEach(ControlledVcpu::interrupt);
    try {
      if (!await(running::isEmpty, timeout)) {
        throw new IllegalStateException(runningVcpus() + " did not stop within " + timeout);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while pausing the vCPUs", e);
    }
  }

  /** Lets parked vCPUs continue. */
  public void resume() {
    resume(() -> {});
  }

  /**
   * Lets parked vCPUs continue.
   *
   * @param first done before, while all vCPUs are parked; not done if the VM was not paused
   */
  public void resume(Runnable first) {
    lock.lock();
    try {
      if (paused) {
        first.run();
      }
      paused = false;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends all vCPUs, permanently. Returns when none can execute any more.
   *
   * @throws IllegalStateException if a vCPU still executes after this time, or this thread is
   *     interrupted; the vCPUs end nevertheless, as soon as they can
   */
  public void stop(Duration timeout) {
    lock.lock();
    try {
      stopped = true;
      running.forEach(ControlledVcpu::interrupt);
      changed.signalAll();
      if (!await(this::noneExecutes, timeout)) {
        throw new IllegalStateException(runningVcpus() + " did not end within " + timeout);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while stopping the vCPUs", e);
    } finally {
      lock.unlock();
    }
  }

  /** A vCPU that is not asleep now will not fall asleep any more: it sees that it is stopped. */
  private boolean noneExecutes() {
    return running.stream().allMatch(ControlledVcpu::isInUninterruptibleSleep);
  }

  /** Whether the vCPUs were stopped. Any thread, without the lock. */
  public boolean isStopped() {
    return stopped;
  }

  /** Whether no vCPU can execute: all are parked, have ended, or have not started. */
  public boolean isAllParked() {
    lock.lock();
    try {
      return running.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Reads state of the vCPUs while none can execute.
   *
   * @return empty if a vCPU may be executing
   */
  public <T> Optional<T> whileParked(Supplier<T> read) {
    lock.lock();
    try {
      return running.isEmpty() ? Optional.of(read.get()) : Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for a condition that changes only when a vCPU parks or ends, or when they are stopped.
   *
   * @return whether it holds
   */
  public boolean awaitChange(BooleanSupplier condition, Duration timeout)
      throws InterruptedException {
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

  private String runningVcpus() {
    return running.stream().map(Object::toString).sorted().collect(Collectors.joining(", "));
  }
}
