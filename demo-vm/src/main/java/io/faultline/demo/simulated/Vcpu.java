package io.faultline.demo.simulated;

import io.faultline.demo.simulated.state.VcpuState;
import io.faultline.memory.DirtyBits;
import io.faultline.memory.GuestAccess;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Kernel;
import org.jspecify.annotations.Nullable;

/**
 * One vCPU: runs its guest program until its limit, parking when asked to. Its thread owns all of
 * its state while it runs; others look while it is parked or has ended.
 */
final class Vcpu {
  /** The clock is read once in so many operations, which take about a microsecond together. */
  private static final int BATCH = 64;

  private final int number;
  private final VcpuSlice slice;
  private final long limit;
  private final RunControl control;
  private final VcpuClock clock;
  private final GuestAccess access;
  private final GuestWords memory;
  private final GuestProgram program;
  private final Pacer pacer;
  private final Registers registers;

  private boolean arrived;
  private volatile long operationsDone;
  private volatile boolean ended;
  private volatile @Nullable Throwable failure;

  Vcpu(
      int number,
      SimulatedVmConfig config,
      VcpuSlice slice,
      Kernel kernel,
      MemoryRegion ram,
      DirtyBits dirty,
      RunControl control) {
    this.number = number;
    this.slice = slice;
    this.limit = config.opsPerVcpu() == 0 ? Long.MAX_VALUE : config.opsPerVcpu();
    this.control = control;
    this.clock = new VcpuClock(control);
    this.access = new GuestAccess(kernel, ram, clock, dirty);
    this.memory = new TlbWords(access);
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
    try {
      long now = System.nanoTime();
      clock.start(now);
      pacer.start(now);
      beforeFirst.run();
      runToLimit();
    } catch (VcpuStoppedException e) {
      // told to end, possibly in the middle of an operation: nobody uses this state any more
    } catch (RuntimeException | Error e) {
      failure = e;
    } finally {
      operationsDone = registers.operations; // an error may end it within a batch
      end();
    }
  }

  /** See {@link GuestAccess#lose}. */
  void lose(PageBitmap pages) {
    access.markLost(pages);
  }

  /** It does no operation any more; once. */
  void end() {
    ended = true;
    control.ended();
  }

  private void runToLimit() {
    long fullBatch = Math.min(BATCH, pacer.batch());
    long batch = 1; // so that the first operation after a wait is seen by itself
    while (registers.operations < limit) {
      if (control.attention()) {
        control.checkpoint();
        // Pages may have been taken away or protected meanwhile, or their dirty bits taken.
        access.flush();
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

  /** Sleeps as its pace has it: that is no gap in what it does. A pause cuts it short. */
  private void idle() {
    long due = pacer.dueNanos();
    control.idleUntil(due);
    long now = System.nanoTime();
    pacer.slept(now);
    clock.idled(Math.min(now, due));
  }

  private void runBatch(long operations) {
    long start = registers.operations;
    long end = start + operations;
    while (registers.operations < end && !control.attention()) {
      registers.step(memory, program);
      if (clock.missed()) {
        clock.missingOperationDone();
      }
    }
    if (registers.operations != start) {
      long now = System.nanoTime();
      clock.sample(now);
      pacer.did(registers.operations - start, now);
      operationsDone = registers.operations;
    }
  }

  /** Whether it will do no operation but the one that it sleeps in. Any thread. */
  boolean endedOrAsleep() {
    return ended || clock.asleep();
  }

  /** Whether it was seen outside of accesses that may sleep: a later one sees what was lost. */
  boolean isAwakeOrEnded() {
    return ended || !clock.asleep();
  }

  /** Operations done, a few behind while running. Any thread. */
  long operationsDone() {
    return operationsDone;
  }

  /** Whether it came from another machine and may still do its first operation here. Any thread. */
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

  /** What ended it early, if anything did. Any thread. */
  @Nullable Throwable failure() {
    return failure;
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
   * Before start: takes over the state of another VM's vCPU.
   *
   * @throws IllegalArgumentException where it cannot be one of this vCPU
   */
  void load(VcpuState state, long clockOffsetNanos) {
    long operations = state.getOperations();
    if (operations < 0 || operations > limit) {
      throw new IllegalArgumentException(
          "vCPU " + number + ": " + operations + " operations, of " + limit + " at most");
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
