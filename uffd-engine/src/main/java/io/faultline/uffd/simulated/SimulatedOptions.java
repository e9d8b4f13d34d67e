package io.faultline.uffd.simulated;

import io.faultline.uffd.Feature;
import java.util.EnumSet;
import java.util.Set;

/**
 * The machine below a simulated kernel. Memory and huge pages cost nothing before they are touched.
 *
 * @param hugePages2m 2 MiB pages in the pool, not negative
 * @param hugePages1g 1 GiB pages in the pool, not negative
 * @param memoryBytes memory of base pages
 * @param privileged whether the process may catch faults of the kernel and the fork event
 *     (CAP_SYS_PTRACE)
 * @param features what userfaultfd supports
 * @param generation which race fixes it has
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

  /** All that Linux 6.18 has, with room for 8 GiB in huge pages of either size. */
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
      throw new IllegalArgumentException("a size in these options is negative");
    }
    features = Set.copyOf(features);
  }

  /** With pools of other sizes. */
  public SimulatedOptions withHugePages(long pages2m, long pages1g) {
    return new SimulatedOptions(pages2m, pages1g, memoryBytes, privileged, features, generation);
  }

  /** With memory of another size. */
  public SimulatedOptions withMemory(long bytes) {
    return new SimulatedOptions(hugePages2m, hugePages1g, bytes, privileged, features, generation);
  }

  /** For a process without privileges. */
  public SimulatedOptions unprivileged() {
    return new SimulatedOptions(hugePages2m, hugePages1g, memoryBytes, false, features, generation);
  }

  /** With these features only. */
  public SimulatedOptions withFeatures(Set<Feature> only) {
    return new SimulatedOptions(
        hugePages2m, hugePages1g, memoryBytes, privileged, only, generation);
  }

  /** With other race fixes. */
  public SimulatedOptions withGeneration(KernelGeneration other) {
    return new SimulatedOptions(hugePages2m, hugePages1g, memoryBytes, privileged, features, other);
  }
}
