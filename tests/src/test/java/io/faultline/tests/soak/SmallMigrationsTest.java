package io.faultline.tests.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.vm.VmKind;
import io.faultline.memory.Backing;
import io.faultline.tests.migration.Migration;
import io.faultline.tests.migration.MigrationHost;
import io.faultline.tests.migration.MigrationSetup;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.HugePagePool;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Consecutive small migrations of all kinds. Each is verified, and none leaks a resource. The only
 * one with huge pages that runs beside other tests, since it takes long.
 *
 * <p>Each prints its seed; {@code -Dfaultline.seed=N} starts with that one. {@code
 * -Dfaultline.migrations=N} or {@code -Dfaultline.minutes=N} set how many there are.
 */
class SmallMigrationsTest {
  private static final int MIGRATIONS = Integer.getInteger("faultline.migrations", 70);
  private static final Duration MINIMUM_TIME =
      Duration.ofMinutes(Integer.getInteger("faultline.minutes", 0));

  /** After these, thread pools and buffer pools are filled and the code is compiled. */
  private static final int WARM_UP = 10;

  private static final int MAX_VCPUS = 4;

  /** Small VMs allow many migrations, so that one leaked mapping in each stands out. */
  private static final long MAX_HUGE_PAGES = 20;

  private static final long HUGE_BYTES = 2 << 20;

  /**
   * Bounds for what the JVM itself maps and starts during the test: code cache, metaspace, malloc
   * arenas, chunks of Netty's pool, compiler threads. These level off. A leak in every migration
   * does not, and exceeds the bounds.
   */
  private static final int NOISE_MAPPINGS = 100;

  private static final long NOISE_BYTES = 2L << 30;
  private static final int NOISE_THREADS = 12;

  @Test
  void consecutiveMigrationsAreVerifiedAndLeakNothing() throws Exception {
    Kernel kernel = MigrationHost.kernel();
    long poolBefore = hugePages(kernel);
    try (HugePageLoan loan = HugePageLoan.borrow(kernel, PageSize.HUGE_2M, 2 * MAX_HUGE_PAGES)) {
      List<Backing> backings =
          loan.shortage().isPresent()
              ? List.of(Backing.ANONYMOUS, Backing.SHMEM)
              : List.of(Backing.ANONYMOUS, Backing.SHMEM, Backing.HUGETLB_2M);
      loan.shortage().ifPresent(why -> System.out.println("without huge pages: " + why));
      Seeds seeds = new Seeds();
      for (int i = 0; i < WARM_UP; i++) {
        migrate(kernel, backings, seeds.next());
      }
      KernelResources before = settled();
      long end = System.nanoTime() + MINIMUM_TIME.toNanos();
      int done = WARM_UP;
      for (; MINIMUM_TIME.isZero() ? done < MIGRATIONS : System.nanoTime() < end; done++) {
        migrate(kernel, backings, seeds.next());
      }
      System.out.println(done + " migrations");
      assertNothingLeft(before, settled());
    }
    assertThat(hugePages(kernel)).as("huge pages in the pool").isEqualTo(poolBefore);
  }

  private static void migrate(Kernel kernel, List<Backing> backings, long seed) {
    Migration migration = random(kernel, backings, new SplittableRandom(seed));
    System.out.println(
        "-Dfaultline.seed="
            + seed
            + " "
            + migration.kind()
            + " "
            + migration.setup().mode()
            + " "
            + migration.setup().placement()
            + " "
            + migration.config().backing());
    try {
      migration.run();
    } catch (Exception | AssertionError e) {
      throw new AssertionError("-Dfaultline.seed=" + seed + ": " + migration, e);
    }
  }

  /** A migration of a VM with any workload, size and contents, with any settings. */
  private static Migration random(Kernel kernel, List<Backing> backings, RandomGenerator random) {
    Backing backing = backings.get(random.nextInt(backings.size()));
    Workload workload = Workload.values()[random.nextInt(Workload.values().length)];
    long ramBytes = HUGE_BYTES * random.nextLong(MAX_VCPUS, MAX_HUGE_PAGES);
    int vcpus = 1 + random.nextInt(MAX_VCPUS);
    long workingSet =
        random.nextBoolean() ? 0 : HUGE_BYTES * random.nextLong(vcpus, ramBytes / HUGE_BYTES + 1);
    double zeros = random.nextBoolean() ? 0 : random.nextDouble();
    SimulatedVmConfig config =
        SimulatedVmConfig.of(ramBytes, backing, vcpus, workload, random.nextLong())
            .withWorkingSetBytes(workingSet)
            .withZeroFraction(zeros)
            .withWriteFraction(random.nextBoolean() ? 1 : random.nextDouble());
    VmKind kind = random.nextInt(4) == 0 && MigrationHost.hasKvm() ? VmKind.KVM : VmKind.SIMULATED;
    return new Migration(
        kind, kernel, config, MigrationSetup.random(backing.isShared(), random), null);
  }

  private static void assertNothingLeft(KernelResources before, KernelResources after) {
    assertThat(after.descriptors()).isEqualTo(before.descriptors());
    assertThat(after.descriptors()).doesNotContainKey("anon_inode:[userfaultfd]");
    assertThat(after.memoryFiles()).as("mapped memory files").isZero();
    assertThat(after.mappedBytes()).isLessThan(before.mappedBytes() + NOISE_BYTES);
    assertThat(after.mappings()).isLessThan(before.mappings() + NOISE_MAPPINGS);
    assertThat(after.kernelThreads()).isLessThan(before.kernelThreads() + NOISE_THREADS);
  }

  private static long hugePages(Kernel kernel) {
    return kernel.hugePagePool(PageSize.HUGE_2M).map(HugePagePool::total).orElse(0L);
  }

  /** The resources once all our threads have ended, which they do without a request. */
  private static KernelResources settled() {
    return await()
        .atMost(Duration.ofSeconds(60))
        .until(KernelResources::take, resources -> resources.threads().isEmpty());
  }

  /** A sequence of seeds, from the requested one or a random one. */
  private static final class Seeds {
    private final SplittableRandom random;
    private long next;

    Seeds() {
      next = Long.getLong("faultline.seed", System.nanoTime());
      random = new SplittableRandom(next);
    }

    long next() {
      long seed = next;
      next = random.nextLong();
      return seed;
    }
  }
}
