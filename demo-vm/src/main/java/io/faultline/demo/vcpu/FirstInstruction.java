package io.faultline.demo.vcpu;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;

/**
 * Reports when a VM starts to run: once, just before the first instruction of whichever vCPU is
 * first. Thread-safe.
 */
public final class FirstInstruction {
  private final AtomicReference<LongConsumer> listener = new AtomicReference<>();

  /**
   * Sets the listener; before the vCPUs start.
   *
   * @param listener gets {@link System#nanoTime}, on a vCPU's thread
   */
  public void notifyTo(LongConsumer listener) {
    this.listener.set(listener);
  }

  /** By each vCPU, just before its first instruction. */
  public void reached() {
    LongConsumer first = listener.getAndSet(null);
    if (first != null) {
      first.accept(System.nanoTime());
    }
  }
}
