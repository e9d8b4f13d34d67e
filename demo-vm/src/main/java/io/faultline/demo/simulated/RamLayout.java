package io.faultline.demo.simulated;

import io.faultline.uffd.Kernel;

/**
 * How guest memory is divided among the vCPUs. The page size is that of the configured backing,
 * even if the actual memory has another (as in a reference run), so that slices are always the
 * same.
 *
 * @param ramBytes size of guest memory
 * @param pageBytes page size of the configured backing
 * @param workingSetPages pages that guest programs use, from the start of the RAM
 * @param vcpus number of vCPUs
 */
record RamLayout(long ramBytes, long pageBytes, long workingSetPages, int vcpus) {
  private static final long USUAL_PART = 4;

  /**
   * The layout of a configuration.
   *
   * @throws IllegalArgumentException if the RAM cannot be divided so, with the remedy
   */
  static RamLayout of(SimulatedVmConfig config, Kernel kernel) {
    check(config, kernel);
    long page = kernel.pageSizeBytes(config.backing().pageSize());
    long used = used(config);
    return new RamLayout(config.ramBytes(), page, used / page, config.vcpus());
  }

  /** Checks that there is a layout; throws as {@link #of} if not. */
  static void check(SimulatedVmConfig config, Kernel kernel) {
    long page = kernel.pageSizeBytes(config.backing().pageSize());
    requirePages("RAM", config.ramBytes(), page, config);
    requirePages("a working set", config.workingSetBytes(), page, config);
    long used = used(config);
    if (used / page < config.vcpus()) {
      throw new IllegalArgumentException(
          String.format(
              "%1$d vCPUs need a page of %2$d bytes each, but the %3$s has only %4$d pages;"
                  + " choose fewer vCPUs or a larger %3$s",
              config.vcpus(),
              page,
              used == config.ramBytes() ? "RAM" : "working set",
              used / page));
    }
  }

  /** See {@link SimulatedVmConfig#withUsualWorkingSet}. */
  static long usualWorkingSetBytes(long ramBytes, long pageBytes, int vcpus) {
    long quarter = Math.ceilDiv(ramBytes, USUAL_PART * pageBytes);
    return Math.min(Math.max(quarter, vcpus) * pageBytes, ramBytes);
  }

  private static long used(SimulatedVmConfig config) {
    return config.workingSetBytes() == 0 ? config.ramBytes() : config.workingSetBytes();
  }

  long pageCount() {
    return ramBytes / pageBytes;
  }

  /**
   * The slice of a vCPU. The slices add up to the working set; their sizes differ by at most a
   * page.
   */
  VcpuSlice slice(int vcpu) {
    long first = workingSetPages * vcpu / vcpus;
    long end = workingSetPages * (vcpu + 1) / vcpus;
    return new VcpuSlice(first * pageBytes, end - first, pageBytes);
  }

  private static void requirePages(
      String what, long bytes, long pageBytes, SimulatedVmConfig config) {
    if (bytes % pageBytes != 0) {
      throw new IllegalArgumentException(
          String.format(
              "%s of %d bytes is not whole pages of %d bytes (%s); choose %d or %d",
              what,
              bytes,
              pageBytes,
              config.backing(),
              Math.max(1, bytes / pageBytes) * pageBytes,
              (bytes / pageBytes + 1) * pageBytes));
    }
  }
}
