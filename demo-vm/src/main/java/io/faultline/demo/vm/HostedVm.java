package io.faultline.demo.vm;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.source.OutgoingVm;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A VM of this process, of whatever kind. Thread-safe, except that starting and closing it belong
 * to one thread.
 */
public interface HostedVm extends AutoCloseable {
  VmKind kind();

  /** What it is and what it computes. */
  SimulatedVmConfig programs();

  /** What its programs work on. */
  MemoryRegion ram();

  /** Starts the vCPUs; once. */
  void start();

  /**
   * The VM as its migration sees it.
   *
   * @param ownDirtyLog whether its own dirty log is used, and not write protection
   */
  OutgoingVm outgoing(boolean ownDirtyLog);

  /**
   * Waits until all vCPUs have done their operations.
   *
   * @return false where they have not within the time, or were stopped before
   * @throws IllegalStateException as soon as a vCPU failed, with the cause
   */
  boolean awaitFinished(Duration timeout) throws InterruptedException;

  /**
   * Stops it, with each vCPU between two operations.
   *
   * @throws IllegalStateException where that takes longer than some seconds
   */
  void stopBetweenOperations() throws InterruptedException;

  /**
   * Stops it for good, with its vCPUs wherever they are; also where some failed.
   *
   * @throws IllegalStateException where that takes longer than some seconds
   */
  void stop();

  /** Operations done by each vCPU: exact while stopped or finished, else about. */
  long[] opsDone();

  /** The faults that each vCPU saw on this machine. */
  List<VcpuFaults> faults();

  /** The pause that the guest saw in its migration to this machine, in nanoseconds. */
  OptionalLong guestPauseNanos();

  /** What it wrote to its console on this machine; empty for a VM without one. */
  Optional<ConsoleTicks> console();

  /**
   * The last tick that should be on its console, here or where it was before; 0 without a console.
   * Only while stopped between operations, or finished.
   */
  long expectedTicks();

  /** What it came to. Only while stopped between operations, or finished; it may be closed then. */
  VmOutcome outcome();

  /**
   * What the rest came to, where pages never came; they are not touched. As {@link #outcome}; a
   * vCPU that ended at one of these pages counts as stopped between operations.
   *
   * @param lost base pages, by the number of their region
   * @return empty for a VM whose vCPUs end in the middle of an operation
   */
  Optional<VmOutcome> outcomeWithout(List<PageBitmap> lost);

  /** Stops it and gives its memory back. A second time does nothing. */
  @Override
  void close();
}
