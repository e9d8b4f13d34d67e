package io.faultline.demo.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.source.MigrationMode;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.SourceSettings;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Migrations of KVM VMs by the real nodes, of all kinds. */
final class RandomMigrationsTest {
  private static final int MIGRATIONS = 50;
  private static final int HUGE_PAGES = 64;
  private static final long LIMIT_SECONDS = 60;

  private static final long SEED = Long.getLong("faultline.seed", System.nanoTime());

  /**
   * One migration.
   *
   * @param config of the VM
   * @param mode when its memory moves
   * @param placement how pages are placed
   * @param ownLog whether KVM logs dirty pages
   * @param warmUpMillis how long the VM runs before
   */
  private record Case(
      KvmVmConfig config,
      MigrationMode mode,
      Placement placement,
      boolean ownLog,
      long warmUpMillis) {

    static Case of(Random random, boolean hugePages) {
      List<Backing> backings = new ArrayList<>(List.of(Backing.ANONYMOUS, Backing.SHMEM));
      if (hugePages) {
        backings.add(Backing.HUGETLB_2M);
      }
      Backing backing = backings.get(random.nextInt(backings.size()));
      SimulatedVmConfig programs =
          SimulatedVmConfig.of(
                  (8L << random.nextInt(3)) * TestKvmVms.MIB,
                  backing,
                  1 + random.nextInt(4),
                  Workload.values()[random.nextInt(Workload.values().length)],
                  random.nextLong())
              .withZeroFraction(random.nextDouble());
      boolean continues = random.nextBoolean() && Placement.CONTINUE.supports(backing);
      return new Case(
          KvmVmConfig.of(programs).withTickShift(8 + random.nextInt(8)),
          MigrationMode.values()[random.nextInt(MigrationMode.values().length)],
          continues ? Placement.CONTINUE : Placement.COPY,
          random.nextBoolean(),
          random.nextInt(20));
    }
  }

  @BeforeAll
  static void faultsOfTheKernelCanBeCaught() {
    try {
      TestKvmVms.KERNEL
          .openUserfaultfd(OpenOptions.of().withScope(FaultScope.USER_AND_KERNEL))
          .close();
    } catch (SystemCallException e) {
      assumeTrue(false, e.getMessage());
    }
  }

  @Test
  void fiftyRandomMigrationsAreVerifiedAndLeaveNothingBehind() throws Exception {
    System.out.println("fiftyRandomMigrations seed " + SEED);
    Random random = new Random(SEED);
    try (KvmHost host = TestKvmVms.host();
        HugePageLoan loan = HugePageLoan.borrow(TestKvmVms.KERNEL, PageSize.HUGE_2M, HUGE_PAGES)) {
      boolean hugePages = loan.shortage().isEmpty();
      migrate(host, Case.of(random, hugePages)); // opens what stays open
      long descriptors = kvmDescriptors();
      for (int n = 1; n < MIGRATIONS; n++) {
        migrate(host, Case.of(random, hugePages));
      }
      assertThat(kvmDescriptors()).as("descriptors of KVM and memory").isEqualTo(descriptors);
      assertThat(Thread.getAllStackTraces().keySet())
          .noneMatch(thread -> thread.getName().startsWith("kvm-"));
    }
  }

  private static void migrate(KvmHost host, Case wanted) throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    try (KvmVm here = host.create(wanted.config(), lines::add);
        KvmDestination there = new KvmDestination(host, null, lines::add)) {
      here.start();
      Thread.sleep(wanted.warmUpMillis());
      migrate(host, wanted, here, there);
      KvmVm moved = there.vm().orElseThrow();
      TestKvmVms.assertStopsAndEqualsReference(host, moved);
      int ticks = (int) (moved.opsDone()[0] >> wanted.config().tickShift());
      assertThat(lines)
          .as(wanted.toString())
          .isEqualTo(IntStream.rangeClosed(1, ticks).mapToObj(n -> "tick " + n).toList());
      assertThat(moved.guestPauseNanos()).as(wanted.toString()).isPresent();
    }
  }

  private static void migrate(KvmHost host, Case wanted, KvmVm here, KvmDestination there)
      throws Exception {
    try (MigrationDestination destination =
        new MigrationDestination(host.kernel(), there, new SimpleMeterRegistry(), line -> {})) {
      InetSocketAddress address =
          destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SourceSettings settings =
          new SourceSettings(address)
              .withMode(wanted.mode())
              .withPlacement(wanted.placement())
              .withBandwidth(200 * TestKvmVms.MIB);
      try (MigrationSource source =
          new MigrationSource(
              new KvmSource(here, wanted.ownLog()), settings, new SimpleMeterRegistry())) {
        OutgoingReport out = source.start().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(out.state()).as(wanted + ": " + out.error()).isEqualTo(OutgoingState.COMPLETED);
        IncomingReport in = destination.result().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(in.state()).as(wanted + ": " + in.error()).isEqualTo(IncomingState.COMPLETED);
      }
    }
  }

  /** Open files that a VM has: of KVM, of userfaultfd, of memory. */
  private static long kvmDescriptors() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files
          .map(RandomMigrationsTest::target)
          .filter(t -> t.matches(".*(kvm|userfaultfd|memfd|pagemap).*"))
          .count();
    }
  }

  private static String target(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString();
    } catch (IOException e) {
      return ""; // closed by now
    }
  }
}
