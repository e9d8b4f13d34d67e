package io.faultline.cli.bench;

import io.faultline.cli.bench.BenchCase.CannotRunException;

/**
 * The memory of the two ends of a migration, looked for before they start.
 *
 * @param ramBytes of each
 * @param huge whether that is of 2 MiB pages
 */
record MemoryNeed(BenchEnvironment environment, long ramBytes, boolean huge) {
  /** Of each end, for what is not its memory. */
  private static final long ROOM = 256L << 20;

  /**
   * Sees to it that there is as much.
   *
   * @throws CannotRunException where there is not, with the reason
   */
  void require() throws CannotRunException {
    boolean there = huge && environment.hugePages().covers(2 * ramBytes);
    long available = environment.kernel().availableMemoryBytes();
    if (2 * (there ? ROOM : ramBytes + ROOM) > available) {
      throw new CannotRunException(
          String.format(
              "two VMs of %d MiB do not fit in the %d MiB that are available",
              ramBytes >> 20, available >> 20));
    }
    if (huge) {
      environment.hugePages().require(2 * ramBytes);
    }
  }
}
