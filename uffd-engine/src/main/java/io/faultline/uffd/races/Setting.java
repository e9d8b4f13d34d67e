package io.faultline.uffd.races;

import io.faultline.uffd.simulated.KernelGeneration;

/** A kernel, and what user space does about its races. */
enum Setting {
  OLD_KERNEL_NO_CARE(
      KernelGeneration.BEFORE_RACE_FIX, false, "old kernel, user space takes no care"),
  OLD_KERNEL_TRISTATE(
      KernelGeneration.BEFORE_RACE_FIX,
      true,
      "old kernel, user space keeps three states per page and calls UFFDIO_WAKE"),
  NEW_KERNEL_NO_CARE(KernelGeneration.CURRENT, false, "new kernel, user space takes no care"),
  NEW_KERNEL_WITHOUT_FENCE(
      KernelGeneration.WITHOUT_FENCE,
      false,
      "new kernel without the fence between publishing a page and looking for waiters");

  private final KernelGeneration generation;
  private final boolean takesCare;
  private final String title;

  Setting(KernelGeneration generation, boolean takesCare, String title) {
    this.generation = generation;
    this.takesCare = takesCare;
    this.title = title;
  }

  KernelGeneration generation() {
    return generation;
  }

  /** Whether user space wakes where its page states tell that a wake-up may be lost. */
  boolean takesCare() {
    return takesCare;
  }

  String title() {
    return title;
  }
}
