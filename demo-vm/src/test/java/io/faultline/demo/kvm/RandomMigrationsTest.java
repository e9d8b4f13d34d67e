package io.faultline.demo.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.testing.TestHost;
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
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.PageSize;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Random migrations of KVM VMs between a real source node and a real destination node. {@code
 * -Dfaultline.kvm.migrations=N} sets how many there are.
 */
final class RandomMigrationsTest {
  private static final int MIGRATIONS = Integer.getInteger("faultline.kvm.migrations", 20);
  private static final int HUGE_PAGES = 64;
  private static final long LIMIT_SECONDS = 60;

  private static final long SEED = Long.getLong("faultline.seed", System.nanoTime());

  /**
   * One migration.
   *
   * @param config of the VM
   * @param mode of the migration
   * @param placement of pages at the destination
   * @param ownLog whether dirty pages are logged by KVM, or by write protection
   * @param warmUpMillis how long the VM runs before the migration
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
                  (8L << random.nextInt(3)) * TestHost.MIB,
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

  @Test
  void randomMigrationsAreVerifiedAndLeakNothing() throws Exception {
    System.out.println("seed " + SEED);
    Random random = new Random(SEED);
    TestHost.assumeKernelFaults();
    try (KvmHost host = TestKvmVms.host();
        HugePageLoan loan = HugePageLoan.borrow(TestHost.KERNEL, PageSize.HUGE_2M, HUGE_PAGES)) {
      boolean hugePages = loan.shortage().isEmpty();
      migrate(host, Case.of(random, hugePages)); // opens descriptors that stay open
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
      assertThat(lines)
          .as(wanted.toString())
          .isEqualTo(TestKvmVms.ticks(wanted.config(), moved.opsDone()[0]));
      assertThat(moved.times().guestPauseNanos()).as(wanted.toString()).isPresent();
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
              .withBandwidth(200 * TestHost.MIB);
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

  /** Open descriptors that belong to VMs: KVM, userfaultfd, memory. */
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
      return ""; // closed meanwhile
    }
  }
}
