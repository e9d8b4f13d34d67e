package io.faultline.uffd.races;

import io.faultline.uffd.simulated.KernelGeneration;

/** A kernel, and whether user space works around its races. */
enum Scenario {
  OLD_KERNEL(KernelGeneration.BEFORE_RACE_FIX, false, "old kernel, user space does not wake"),
  OLD_KERNEL_WITH_WAKES(
      KernelGeneration.BEFORE_RACE_FIX,
      true,
      "old kernel, user space keeps three states per page and calls UFFDIO_WAKE"),
  NEW_KERNEL(KernelGeneration.CURRENT, false, "new kernel, user space does not wake"),
  NEW_KERNEL_WITHOUT_FENCE(
      KernelGeneration.WITHOUT_FENCE,
      false,
      "new kernel without the fence between publishing a page and checking for waiters");

  private final KernelGeneration generation;
  private final boolean wakesByPageState;
  private final String title;

  Scenario(KernelGeneration generation, boolean wakesByPageState, String title) {
    this.generation = generation;
    this.wakesByPageState = wakesByPageState;
    this.title = title;
  }

  KernelGeneration generation() {
    return generation;
  }

  /** Whether user space wakes when its page states show that a wake-up may be lost. */
  boolean wakesByPageState() {
    return wakesByPageState;
  }

  String title() {
    return title;
  }
}
