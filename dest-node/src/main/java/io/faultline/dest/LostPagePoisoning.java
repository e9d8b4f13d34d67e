package io.faultline.dest;

import java.util.function.BooleanSupplier;

/**
 * Poisons the lost pages of a VM that handles accesses to them itself, once no vCPU is in an access
 * that began before the VM knew which pages are lost. After that nothing can read zeros from a lost
 * page, not even by mistake. Confined to the control loop.
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
   * Poisons the pages once, as soon as the VM is clear of them.
   *
   * @return whether nothing is left to do
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
      // Linux before 6.6 cannot poison. The VM still handles accesses to the pages.
      registered.wakeAll();
    }
    return true;
  }
}
