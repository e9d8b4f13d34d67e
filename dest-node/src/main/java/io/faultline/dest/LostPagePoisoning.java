package io.faultline.dest;

import java.util.function.BooleanSupplier;

/**
 * Lost pages of a VM that refuses them by itself: poisoned once no vCPU is in an access to one that
 * began before it knew, so that nobody but the VM, and not even by mistake, gets zeros from them.
 * Belongs to the control loop.
 */
final class LostPagePoisoning {
  private final RegisteredMemory registered;
  private final LostPages lost;
  private final BooleanSupplier isClear;
  private boolean done;

  LostPagePoisoning(RegisteredMemory registered, LostPages lost, BooleanSupplier isClear) {
    this.registered = registered;
    this.lost = lost;
    this.isClear = isClear;
  }

  /**
   * Poisons, once, if it is time.
   *
   * @return whether there is nothing left to do
   */
  boolean poisonIfClear() {
    if (done || registered.isClosed()) {
      return true;
    }
    if (!isClear.getAsBoolean()) {
      return false;
    }
    done = true;
    try {
      registered.poison(lost);
    } catch (PlacementException e) {
      // A kernel before 6.6 has no poison. The VM refuses the pages all the same.
      registered.wakeAll();
    }
    return true;
  }
}
