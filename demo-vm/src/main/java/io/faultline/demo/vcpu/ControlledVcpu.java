package io.faultline.demo.vcpu;

/**
 * A vCPU as {@link RunControl} sees it: how it is interrupted, and whether it may park.
 *
 * <p>{@code RunControl} calls these methods with its lock held, so they must not block.
 */
public interface ControlledVcpu {
  /**
   * Makes the vCPU call {@link RunControl#checkpoint} soon, wherever it executes or sleeps. Holds
   * until {@link #clearInterrupt}, so that it is not lost if the vCPU is about to execute.
   */
  void interrupt();

  /** The vCPU is about to execute again: earlier interrupts are void. By the vCPU's thread. */
  void clearInterrupt();

  /**
   * Whether the vCPU must execute the rest of its last exit before its state is complete. It does
   * not park until then.
   */
  default boolean hasPendingExit() {
    return false;
  }

  /** Whether the vCPU has nothing to do, and so parks even though the VM is not paused. */
  default boolean isAtTarget() {
    return false;
  }

  /**
   * Whether the vCPU is in a sleep that {@link #interrupt} cannot end. It must check {@link
   * RunControl#isStopped} after it sets this and after it wakes, and end without executing any
   * further; {@link RunControl#stop} does not wait for it.
   */
  default boolean isInUninterruptibleSleep() {
    return false;
  }
}
