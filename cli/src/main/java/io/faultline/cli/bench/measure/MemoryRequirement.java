package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.result.BenchCase.CannotRunException;

/**
 * Checks, before the nodes start, that guest memory fits on both sides of a migration.
 *
 * @param ramBytes guest memory of each side
 * @param huge whether guest memory has 2 MiB pages
 */
record MemoryRequirement(BenchEnvironment environment, long ramBytes, boolean huge) {
  /** For each side, in addition to guest memory. */
  private static final long OVERHEAD_BYTES = 256L << 20;

  /**
   * Checks available memory and reserves huge pages.
   *
   * @throws CannotRunException if there is too little; the message says why
   */
  void require() throws CannotRunException {
    boolean reserved = huge && environment.hugePages().covers(2 * ramBytes);
    long available = environment.kernel().availableMemoryBytes();
    if (2 * (reserved ? OVERHEAD_BYTES : ramBytes + OVERHEAD_BYTES) > available) {
      throw new CannotRunException(
          String.format(
              "two VMs of %d MiB do not fit into %d MiB of available memory",
              ramBytes >> 20, available >> 20));
    }
    if (huge) {
      environment.hugePages().require(2 * ramBytes);
    }
  }
}
