package io.faultline.demo.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.testing.TestHost;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.source.MigrationMode;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.SourceSettings;
import io.faultline.uffd.HugePageLoan;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The processor maps huge pages with entries of 2 MiB, before and after a migration. */
@Timeout(120)
final class SecondStageTest {
  private static final int HUGE_PAGES = 16;
  private static final long RAM_BYTES = HUGE_PAGES * 2 * TestHost.MIB;
  private static final long RAM_SMALL_PAGES = RAM_BYTES / 4096;

  @ParameterizedTest
  @CsvSource({
    "POSTCOPY, COPY, true",
    "POSTCOPY, CONTINUE, true",
    "HYBRID, COPY, true",
    "HYBRID, CONTINUE, true",
    "HYBRID, CONTINUE, false"
  })
  void migratedHugePagesAreMappedByHugeEntries(
      MigrationMode mode, Placement placement, boolean ownLog) throws Exception {
    try (KvmHost host = TestKvmVms.host();
        HugePageLoan loan = TestHost.borrowHugePages(2 * HUGE_PAGES);
        KvmDestination there = new KvmDestination(host, null, line -> {})) {
      assertThat(loan.shortage()).as("shortage of huge pages").isEmpty();
      migrate(host, Backing.HUGETLB_2M, there, mode, placement, ownLog);
      KvmVm moved = there.vm().orElseThrow();
      SecondStage after = await(host, moved, stage -> stage.pages2m() == HUGE_PAGES);
      assertThat(after.pages2m()).as("%s", after).isEqualTo(HUGE_PAGES);
      assertThat(after.pages4k()).as("%s", after).isLessThanOrEqualTo(pagesOutsideRam(moved));
      TestKvmVms.assertStopsAndEqualsReference(host, moved);
    }
  }

  @Test
  void anonymousMemoryIsMappedBySmallEntries() throws Exception {
    try (KvmHost host = TestKvmVms.host();
        KvmDestination there = new KvmDestination(host, null, line -> {})) {
      migrate(host, Backing.ANONYMOUS, there, MigrationMode.POSTCOPY, Placement.COPY, true);
      KvmVm moved = there.vm().orElseThrow();
      SecondStage after = await(host, moved, stage -> stage.pages4k() >= RAM_SMALL_PAGES);
      assertThat(after.pages4k()).as("%s", after).isGreaterThanOrEqualTo(RAM_SMALL_PAGES);
      assertThat(after.pages2m()).as("%s", after).isZero();
    }
  }

  /** KVM logs with entries of 4 KiB. A VM whose migration fails gets its huge entries back. */
  @Test
  void closingTheDirtyLogRestoresHugeEntries() throws Exception {
    try (KvmHost host = TestKvmVms.host();
        HugePageLoan loan = TestHost.borrowHugePages(HUGE_PAGES);
        KvmVm vm = host.create(config(Backing.HUGETLB_2M), line -> {})) {
      assertThat(loan.shortage()).as("shortage of huge pages").isEmpty();
      vm.start();
      assumeHuge(host, vm);
      try (KvmDirtyLog log = new KvmDirtyLog(vm)) {
        log.start();
        SecondStage split = await(host, vm, stage -> stage.pages4k() >= RAM_SMALL_PAGES);
        assertThat(split.pages4k()).as("%s", split).isGreaterThanOrEqualTo(RAM_SMALL_PAGES);
        assertThat(split.pages2m()).as("%s", split).isZero();
      }
      SecondStage joined = await(host, vm, stage -> stage.pages2m() == HUGE_PAGES);
      assertThat(joined.pages2m()).as("%s", joined).isEqualTo(HUGE_PAGES);
      assertThat(joined.pages4k()).as("%s", joined).isLessThanOrEqualTo(pagesOutsideRam(vm));
      TestKvmVms.assertStopsAndEqualsReference(host, vm);
    }
  }

  private static void migrate(
      KvmHost host,
      Backing backing,
      KvmDestination there,
      MigrationMode mode,
      Placement placement,
      boolean ownLog)
      throws Exception {
    TestHost.assumeKernelFaults();
    try (KvmVm here = host.create(config(backing), line -> {});
        MigrationDestination destination =
            new MigrationDestination(
                TestHost.KERNEL, there, new SimpleMeterRegistry(), line -> {})) {
      here.start();
      if (backing.pageSize().isHuge()) {
        assumeHuge(host, here);
      }
      InetSocketAddress address =
          destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SourceSettings settings = new SourceSettings(address).withMode(mode).withPlacement(placement);
      try (MigrationSource source =
          new MigrationSource(new KvmSource(here, ownLog), settings, new SimpleMeterRegistry())) {
        OutgoingReport out = source.start().get(60, TimeUnit.SECONDS);
        IncomingReport in = destination.result().get(60, TimeUnit.SECONDS);
        assertThat(out.state()).as("%s", out).isEqualTo(OutgoingState.COMPLETED);
        assertThat(in.state()).as("%s", in).isEqualTo(IncomingState.COMPLETED);
      }
    }
  }

  /** Its working set is all of its RAM. */
  private static KvmVmConfig config(Backing backing) {
    return KvmVmConfig.of(SimulatedVmConfig.of(RAM_BYTES, backing, 2, Workload.UNIFORM, 51));
  }

  private static long pagesOutsideRam(KvmVm vm) {
    return vm.regions().stream()
        .filter(region -> region.id() != GuestLayout.RAM_ID)
        .mapToLong(MemoryRegion::basePageCount)
        .sum();
  }

  /** The state once the condition holds, or after 5 s. */
  private static SecondStage await(KvmHost host, KvmVm vm, Predicate<SecondStage> condition)
      throws InterruptedException {
    SecondStage stage = stage(host, vm);
    for (int i = 0; i < 1000 && !condition.test(stage); i++) {
      Thread.sleep(5);
      stage = stage(host, vm);
    }
    return stage;
  }

  private static SecondStage stage(KvmHost host, KvmVm vm) {
    Optional<SecondStage> stage = SecondStage.of(host, vm);
    assumeTrue(stage.isPresent(), "this kernel has no binary statistics of KVM");
    return stage.get();
  }

  /** Skips the test if this host's KVM does not even map a VM that never migrated hugely. */
  private static void assumeHuge(KvmHost host, KvmVm vm) throws InterruptedException {
    SecondStage stage = await(host, vm, now -> now.pages2m() == HUGE_PAGES);
    assumeTrue(stage.pages2m() == HUGE_PAGES, "KVM maps huge pages in parts here: " + stage);
  }
}
