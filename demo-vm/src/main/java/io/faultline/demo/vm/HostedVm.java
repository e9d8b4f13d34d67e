package io.faultline.demo.vm;

import io.faultline.demo.simulated.PagedRam;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.dest.recording.TimeBuckets;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.source.OutgoingVm;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A VM of either kind in this process. Thread-safe, except that {@link #start} and {@link #close}
 * are confined to one thread.
 */
public interface HostedVm extends AutoCloseable {
  VmKind kind();

  /** The configuration of its RAM, vCPUs and guest programs. */
  SimulatedVmConfig programs();

  /** The memory that its programs operate on. */
  MemoryRegion ram();

  /** Its memory if that is paged. */
  default Optional<PagedRam> pagedRam() {
    return Optional.empty();
  }

  /** Starts the vCPUs; once. */
  void start();

  /**
   * The VM as an outgoing migration sees it.
   *
   * @param ownDirtyLog whether its own dirty log is used, instead of write protection
   */
  OutgoingVm outgoing(boolean ownDirtyLog);

  /**
   * Waits until all vCPUs have done their operations.
   *
   * @return false if the timeout expires, or the vCPUs were stopped before
   * @throws IllegalStateException as soon as a vCPU has failed, with the cause
   */
  boolean awaitFinished(Duration timeout) throws InterruptedException;

  /**
   * Pauses the VM with each vCPU between two operations, so that its result can be verified.
   *
   * @throws IllegalStateException if that takes longer than the limit of its kind, 10 or 30 s
   */
  void stopBetweenOperations() throws InterruptedException;

  /**
   * Pauses the VM with its vCPUs wherever they are, even if some have failed.
   *
   * @throws IllegalStateException if that takes longer than the limit of its kind, 10 or 30 s
   */
  void stop();

  /** Operations done, by vCPU: exact while paused or finished, otherwise approximate. */
  long[] opsDone();

  /** The faults of each vCPU on this machine. */
  List<VcpuFaults> faults();

  /**
   * Starts to record over time how long each vCPU waits for pages, if this kind of VM can. Call it
   * before {@link #start}.
   */
  void recordBlockedTime();

  /** Ends that recording. Any thread. */
  void stopRecordingBlockedTime();

  /**
   * How many nanoseconds each vCPU waited for pages, over time. Only while stopped or closed.
   *
   * @return empty if it was not recorded
   */
  List<TimeBuckets.Series> blockedTime();

  /** The pause that the guest measured around its migration to this machine, in nanoseconds. */
  OptionalLong guestPauseNanos();

  /** Its console on this machine; empty for a VM without a console. */
  Optional<ConsoleTicks> console();

  /**
   * The last tick that its guest must have written, on any machine; 0 for a VM without a console.
   * Only while stopped between operations, or finished.
   */
  long expectedTicks();

  /** Its result. Only while stopped between operations, or finished. Valid after {@link #close}. */
  VmOutcome outcome();

  /**
   * As {@link #outcome}, for a VM that has lost pages, which are not touched. A vCPU that ended at
   * a lost page counts as stopped between operations.
   *
   * @param lost base pages, by region id
   * @return empty for a VM whose vCPUs end in the middle of an operation
   */
  Optional<VmOutcome> outcomeWithout(List<PageBitmap> lost);

  /** Stops the VM and unmaps its memory. Idempotent. */
  @Override
  void close();
}
