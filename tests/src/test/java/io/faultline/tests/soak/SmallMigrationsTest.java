package io.faultline.tests.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Two hundred small migrations in a row, each verified, and nothing left of them.
 *
 * <p>{@code -Dfaultline.seed=N} replays a run, {@code -Dfaultline.migrations=N} changes its length.
 */
class SmallMigrationsTest {
  private static final int MIGRATIONS = Integer.getInteger("faultline.migrations", 200);

  /** By then pools of threads and of buffers, and compiled code, are there. */
  private static final int WARM_UP = 10;

  /**
   * What the JVM itself maps and starts meanwhile: code cache, metaspace, malloc arenas, chunks of
   * Netty's pool, compiler threads. That levels off; one leak in each migration does not, and makes
   * more of either than this.
   */
  private static final int NOISE_MAPPINGS = 60;

  private static final int NOISE_THREADS = 12;

  @Test
  void migrationsInARowAreVerifiedAndLeakNothing() throws Exception {
    Kernel kernel = kernel();
    long seed = Long.getLong("faultline.seed", System.nanoTime());
    System.out.println("-Dfaultline.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < WARM_UP; i++) {
      SmallMigration.random(kernel, random).run();
    }
    Census before = settled();
    for (int i = WARM_UP; i < MIGRATIONS; i++) {
      SmallMigration migration = SmallMigration.random(kernel, random);
      try {
        migration.run();
      } catch (Exception | AssertionError e) {
        throw new AssertionError("migration " + i + ", seed " + seed + ": " + migration, e);
      }
    }
    Census after = settled();
    assertThat(after.descriptors()).isEqualTo(before.descriptors());
    assertThat(after.descriptors()).doesNotContainKey("anon_inode:[userfaultfd]");
    assertThat(after.memoryFiles()).as("mapped memory files").isZero();
    assertThat(after.guests()).as("mappings of 64 MiB").isLessThanOrEqualTo(before.guests() + 1);
    assertThat(after.mappings()).isLessThan(before.mappings() + NOISE_MAPPINGS);
    assertThat(after.kernelThreads()).isLessThan(before.kernelThreads() + NOISE_THREADS);
  }

  /** A census once our threads, which end by themselves, have ended. */
  private static Census settled() {
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(Census::take, census -> census.threads().isEmpty());
  }

  private static Kernel kernel() {
    Kernel kernel = new LinuxKernel();
    try (Userfaultfd probe = kernel.openUserfaultfd(OpenOptions.of())) {
      assertThat(probe.fd()).isNotNegative();
    } catch (SystemCallException e) {
      assumeTrue(false, "no userfaultfd: " + e.getMessage());
    }
    return kernel;
  }
}
