package io.faultline.demo.simulated;

import io.faultline.demo.simulated.state.VcpuState;
import io.faultline.demo.vcpu.ControlledVcpu;
import io.faultline.demo.vcpu.RunControl;
import io.faultline.memory.PageBitmap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One vCPU: runs its guest program up to its limit. Between two operations it polls a flag, which
 * costs one load, and parks at its checkpoint if the flag is set.
 *
 * <p>Its state is confined to its thread while it runs; other threads read it while the vCPU is
 * parked or has ended.
 */
final class Vcpu implements ControlledVcpu {
  /** The clock is read once per so many operations, which take about 1 us together. */
  private static final int BATCH = 64;

  private final int number;
  private final VcpuSlice slice;
  private final long limit;
  private final RunControl control;
  private final VcpuClock clock;
  private final VcpuMemory memory;
  private final GuestProgram program;
  private final Pacer pacer;
  private final Registers registers;

  private boolean arrived;

  /** Polled between operations. */
  private volatile boolean interrupted;

  /** The thread of this vCPU, once it runs. */
  private volatile @Nullable Thread thread;

  private volatile long operationsDone;
  private volatile boolean ended;
  private volatile @Nullable Throwable failure;

  Vcpu(
      int number,
      SimulatedVmConfig config,
      VcpuSlice slice,
      VcpuMemory.Opener memory,
      RunControl control) {
    this.number = number;
    this.slice = slice;
    this.limit = config.opsPerVcpu() == 0 ? Long.MAX_VALUE : config.opsPerVcpu();
    this.control = control;
    this.clock = new VcpuClock(control);
    this.memory = memory.open(clock);
    this.program = GuestProgram.of(config, slice);
    this.pacer = new Pacer(config.pace());
    this.registers = Registers.initial(config.seed(), number, program.addresses());
  }

  /**
   * The body of its thread.
   *
   * @param beforeFirst called just before the first instruction
   */
  void run(Runnable beforeFirst) {
    thread = Thread.currentThread();
    try {
      long now = System.nanoTime();
      clock.start(now);
      pacer.start(now);
      beforeFirst.run();
      runToLimit();
    } catch (VcpuStoppedException e) {
      // possibly in the middle of an operation: this state is not used any more
    } catch (RuntimeException | Error e) {
      failure = e;
    } finally {
      operationsDone = registers.operations; // an error may end it within a batch
      memory.flush();
      ended = true;
      control.ended(this);
    }
  }

  /** See {@link VcpuMemory#lose}. */
  void lose(PageBitmap pages) {
    memory.lose(pages);
  }

  /** Gives up its memory, once it has ended. */
  void closeMemory() {
    memory.close();
  }

  @Override
  public void interrupt() {
    interrupted = true;
    Thread sleeper = thread;
    if (sleeper != null) {
      LockSupport.unpark(sleeper);
    }
  }

  @Override
  public void clearInterrupt() {
    interrupted = false;
  }

  @Override
  public boolean isInUninterruptibleSleep() {
    return clock.asleep();
  }

  private void runToLimit() {
    long fullBatch = Math.min(BATCH, pacer.batch());
    long batch = 1; // so that the gap before the first operation after a wait is measured
    while (registers.operations < limit) {
      if (interrupted) {
        if (control.checkpoint(this) == RunControl.Step.END) {
          throw new VcpuStoppedException();
        }
        // Meanwhile pages may have been removed or write-protected, or their dirty bits cleared.
        memory.flush();
        batch = 1;
      }
      if (pacer.isAhead()) {
        idle();
        batch = 1;
      } else {
        runBatch(Math.min(limit - registers.operations, batch));
        batch = fullBatch;
      }
    }
  }

  /**
   * Sleeps until its pace allows the next operation, or until it is interrupted. This sleep is not
   * a gap in the guest's time.
   */
  private void idle() {
    long due = pacer.dueNanos();
    long now = System.nanoTime();
    while (!interrupted && now < due) {
      LockSupport.parkNanos(this, due - now);
      if (Thread.interrupted()) {
        throw new IllegalStateException("the thread of a vCPU was interrupted");
      }
      now = System.nanoTime();
    }
    pacer.timePassed(now);
    clock.sleptUntil(Math.min(now, due));
  }

  private void runBatch(long operations) {
    long start = registers.operations;
    long end = start + operations;
    while (registers.operations < end && !interrupted) {
      registers.step(memory, program);
      if (clock.hasTlbMiss()) {
        clock.tlbMissDone();
      }
    }
    if (registers.operations != start) {
      long now = System.nanoTime();
      clock.sample(now);
      pacer.operationsDone(registers.operations - start, now);
      operationsDone = registers.operations;
    }
  }

  /** Whether it will do no further operation. Any thread. */
  boolean hasEnded() {
    return ended;
  }

  /** Whether it is outside of accesses that may sleep: later ones see the lost pages. */
  boolean isAwakeOrEnded() {
    return ended || !clock.asleep();
  }

  /** Operations done; lags by up to a batch while running. Any thread. */
  long operationsDone() {
    return operationsDone;
  }

  /** Whether it migrated here and has not yet done its first operation here. Any thread. */
  boolean pauseStillUnknown() {
    return arrived && !ended && clock.pauseNanos().isEmpty();
  }

  int number() {
    return number;
  }

  VcpuClock clock() {
    return clock;
  }

  Registers registers() {
    return registers;
  }

  /** Why it ended early; null if it did not. Any thread. */
  @Nullable Throwable failure() {
    return failure;
  }

  @Override
  public String toString() {
    return "vCPU " + number + (clock.asleep() ? " (waiting for a page)" : "");
  }

  VcpuState state() {
    return VcpuState.newBuilder()
        .setOperations(registers.operations)
        .setAccumulator(registers.accumulator)
        .setRandom(registers.random)
        .setValue(registers.value)
        .setAddress(registers.address)
        .setLastOperationNanos(clock.lastOperationNanos())
        .setLongestGapNanos(clock.longestGapNanos())
        .build();
  }

  /**
   * Loads the state of another VM's vCPU; before start.
   *
   * @throws IllegalArgumentException if it cannot be a state of this vCPU
   */
  void load(VcpuState state, long clockOffsetNanos) {
    long operations = state.getOperations();
    if (operations < 0 || operations > limit) {
      throw new IllegalArgumentException(
          "vCPU " + number + ": " + operations + " operations; at most " + limit + " are possible");
    }
    if (!slice.holdsWord(state.getAddress())) {
      throw new IllegalArgumentException(
          "vCPU " + number + ": address " + state.getAddress() + " is not in its " + slice);
    }
    registers.operations = operations;
    registers.accumulator = state.getAccumulator();
    registers.random = state.getRandom();
    registers.value = state.getValue();
    registers.address = state.getAddress();
    operationsDone = operations;
    if (operations > 0) {
      arrived = true;
      clock.arrive(state.getLastOperationNanos() + clockOffsetNanos, state.getLongestGapNanos());
    }
  }
}
