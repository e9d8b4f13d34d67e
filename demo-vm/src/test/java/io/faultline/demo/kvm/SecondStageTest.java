package io.faultline.demo.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
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
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
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

/** Huge pages are huge to the processor too, also after a migration. */
@Timeout(90)
final class SecondStageTest {
  private static final int HUGE_PAGES = 16;
  private static final long RAM_BYTES = HUGE_PAGES * 2 * TestKvmVms.MIB;
  private static final long RAM_SMALL_PAGES = RAM_BYTES / 4096;

  @ParameterizedTest
  @CsvSource({
    "POSTCOPY, COPY, true",
    "POSTCOPY, CONTINUE, true",
    "HYBRID, COPY, true",
    "HYBRID, CONTINUE, true",
    "HYBRID, CONTINUE, false"
  })
  void hugePagesStayHugeInAMigration(MigrationMode mode, Placement placement, boolean ownLog)
      throws Exception {
    try (KvmHost host = TestKvmVms.host();
        HugePageLoan loan = loan(2 * HUGE_PAGES);
        KvmDestination there = new KvmDestination(host, null, line -> {})) {
      assertThat(loan.shortage()).isEmpty();
      migrate(host, Backing.HUGETLB_2M, there, mode, placement, ownLog);
      KvmVm moved = there.vm().orElseThrow();
      SecondStage after = await(host, moved, stage -> stage.pages2m() == HUGE_PAGES);
      assertThat(after.pages2m()).as("%s", after).isEqualTo(HUGE_PAGES);
      assertThat(after.pages4k()).as("%s", after).isLessThanOrEqualTo(pagesBesideRam(moved));
      TestKvmVms.assertStopsAndEqualsReference(host, moved);
    }
  }

  @Test
  void anonymousMemoryIsMappedBySmallPages() throws Exception {
    try (KvmHost host = TestKvmVms.host();
        KvmDestination there = new KvmDestination(host, null, line -> {})) {
      migrate(host, Backing.ANONYMOUS, there, MigrationMode.POSTCOPY, Placement.COPY, true);
      KvmVm moved = there.vm().orElseThrow();
      SecondStage after = await(host, moved, stage -> stage.pages4k() >= RAM_SMALL_PAGES);
      assertThat(after.pages4k()).as("%s", after).isGreaterThanOrEqualTo(RAM_SMALL_PAGES);
      assertThat(after.pages2m()).as("%s", after).isZero();
    }
  }

  /** While it logs, KVM needs entries of 4 KiB. A VM that stays gets its huge ones back. */
  @Test
  void theEndOfTheDirtyLogJoinsWhatItSplit() throws Exception {
    try (KvmHost host = TestKvmVms.host();
        HugePageLoan loan = loan(HUGE_PAGES);
        KvmVm vm = host.create(config(Backing.HUGETLB_2M), line -> {})) {
      assertThat(loan.shortage()).isEmpty();
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
      assertThat(joined.pages4k()).as("%s", joined).isLessThanOrEqualTo(pagesBesideRam(vm));
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
    assumeKernelFaults();
    try (KvmVm here = host.create(config(backing), line -> {});
        MigrationDestination destination =
            new MigrationDestination(
                TestKvmVms.KERNEL, there, new SimpleMeterRegistry(), line -> {})) {
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

  /** Uses all of its RAM. */
  private static KvmVmConfig config(Backing backing) {
    return KvmVmConfig.of(SimulatedVmConfig.of(RAM_BYTES, backing, 2, Workload.UNIFORM, 51));
  }

  private static long pagesBesideRam(KvmVm vm) {
    return vm.regions().stream()
        .filter(region -> region.id() != GuestLayout.RAM_ID)
        .mapToLong(MemoryRegion::basePageCount)
        .sum();
  }

  /** Once it is so, or as it is after a while. */
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

  /** A VM that never migrated has them; where not, this host gives none to anybody. */
  private static void assumeHuge(KvmHost host, KvmVm vm) throws InterruptedException {
    SecondStage stage = await(host, vm, now -> now.pages2m() == HUGE_PAGES);
    assumeTrue(stage.pages2m() == HUGE_PAGES, "KVM maps huge pages in parts here: " + stage);
  }

  private static HugePageLoan loan(long pages) {
    HugePageLoan loan = HugePageLoan.borrow(TestKvmVms.KERNEL, PageSize.HUGE_2M, pages);
    if (loan.shortage().isPresent()) {
      loan.close();
      assumeTrue(false, loan.shortage().get());
    }
    return loan;
  }

  private static void assumeKernelFaults() {
    try (Userfaultfd opened =
        TestKvmVms.KERNEL.openUserfaultfd(OpenOptions.of().withScope(FaultScope.USER_AND_KERNEL))) {
      assertThat(opened.scope()).isEqualTo(FaultScope.USER_AND_KERNEL);
    } catch (SystemCallException e) {
      assumeTrue(false, "faults of KVM cannot be caught here: " + e.getMessage());
    }
  }
}
