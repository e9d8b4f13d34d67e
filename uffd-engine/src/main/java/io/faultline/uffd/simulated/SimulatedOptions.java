package io.faultline.uffd.simulated;

import io.faultline.uffd.Feature;
import java.util.EnumSet;
import java.util.Set;

/**
 * The machine of a simulated kernel. Memory and huge pages cost nothing before they are touched.
 *
 * @param hugePages2m 2 MiB pages in the pool, not negative
 * @param hugePages1g 1 GiB pages in the pool, not negative
 * @param memoryBytes memory in base pages
 * @param privileged whether the process may catch faults in kernel mode and fork events
 *     (CAP_SYS_PTRACE)
 * @param features the features of userfaultfd
 * @param generation which race fixes the kernel has
 */
public record SimulatedOptions(
    long hugePages2m,
    long hugePages1g,
    long memoryBytes,
    boolean privileged,
    Set<Feature> features,
    KernelGeneration generation) {

  private static final long PAGES_2M = 4096;
  private static final long PAGES_1G = 8;
  private static final long MEMORY_BYTES = 1L << 40;

  /** All features of Linux 6.18, with 8 GiB in huge pages of each size. */
  public static final SimulatedOptions DEFAULT =
      new SimulatedOptions(
          PAGES_2M,
          PAGES_1G,
          MEMORY_BYTES,
          true,
          EnumSet.allOf(Feature.class),
          KernelGeneration.CURRENT);

  public SimulatedOptions {
    if (hugePages2m < 0 || hugePages1g < 0 || memoryBytes < 0) {
      throw new IllegalArgumentException(
          "negative size: "
              + hugePages2m
              + " and "
              + hugePages1g
              + " huge pages, "
              + memoryBytes
              + " bytes of memory");
    }
    features = Set.copyOf(features);
  }

  /** Sets the sizes of the huge page pools. */
  public SimulatedOptions withHugePages(long pages2m, long pages1g) {
    return new SimulatedOptions(pages2m, pages1g, memoryBytes, privileged, features, generation);
  }

  /** Sets the size of memory in base pages. */
  public SimulatedOptions withMemory(long bytes) {
    return new SimulatedOptions(hugePages2m, hugePages1g, bytes, privileged, features, generation);
  }

  /** Removes the privileges. */
  public SimulatedOptions unprivileged() {
    return new SimulatedOptions(hugePages2m, hugePages1g, memoryBytes, false, features, generation);
  }

  /** Sets the supported features. */
  public SimulatedOptions withFeatures(Set<Feature> only) {
    return new SimulatedOptions(
        hugePages2m, hugePages1g, memoryBytes, privileged, only, generation);
  }

  /** Sets the race fixes. */
  public SimulatedOptions withGeneration(KernelGeneration other) {
    return new SimulatedOptions(hugePages2m, hugePages1g, memoryBytes, privileged, features, other);
  }
}
