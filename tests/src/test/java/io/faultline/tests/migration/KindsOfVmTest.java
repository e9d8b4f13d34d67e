package io.faultline.tests.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.dest.IncomingReport;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.source.MigrationMode;
import io.faultline.source.OutgoingReport;
import io.faultline.tests.migration.Migration.Reports;
import io.faultline.tests.tags.RunsAlone;
import io.faultline.uffd.HugePageLoan;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.PageSize;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * VMs that write a lot, only read, are nearly idle, or are all zero: each is migrated in every
 * mode, and checked for what only its kind can show. The VM's own dirty log reports base pages,
 * also within huge pages.
 */
@RunsAlone
class KindsOfVmTest {
  private static final long MIB = 1 << 20;
  private static final long RAM_BYTES = 64 * MIB;
  private static final long HUGE_BYTES = 2 * MIB;
  private static final int PARTS = 512;
  private static final int VCPUS = 2;
  private static final long SEED = 11;
  private static final double NANOS_PER_SECOND = 1e9;

  /** Operations per second that touch hardly any page during a migration. */
  private static final long IDLE_PACE = 2;

  /**
   * Operations per second that make some parts of each huge page stale in one round, but not all.
   */
  private static final long WRITING_PACE = 1000;

  /** Slow enough that requests arrive while many pages are still unsent. */
  private static final long WRITING_BANDWIDTH = 300 * MIB;

  /**
   * Operations per second, and a bandwidth, with which vCPUs request huge pages before their stale
   * parts are sent in the background.
   */
  private static final long REQUESTING_PACE = 3000;

  private static final long REQUESTING_BANDWIDTH = 100 * MIB;

  static Stream<Arguments> combinations() {
    List<Arguments> combinations = new ArrayList<>();
    for (MigrationMode mode : MigrationMode.values()) {
      for (Backing backing : new Backing[] {Backing.SHMEM, Backing.HUGETLB_2M}) {
        for (Placement placement : Placement.values()) {
          combinations.add(Arguments.of(mode, backing, placement));
        }
      }
    }
    return combinations.stream();
  }

  /** Only zeros, and no writes: all pages are sent without data. */
  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("combinations")
  void zeroVmSendsNoPageWithData(MigrationMode mode, Backing backing, Placement placement)
      throws Exception {
    SimulatedVmConfig zeros = config(backing).withZeroFraction(1).withWriteFraction(0);
    Reports reports = run(zeros, MigrationSetup.of(mode, placement, true));
    OutgoingReport out = reports.out();
    assertThat(out.precopyPages() + out.urgentPages() + out.backgroundPages()).isZero();
    assertThat(out.bytesSent()).isLessThan(RAM_BYTES / 1000);
    assertThat(out.zeroPages()).isEqualTo(mode.hasRounds() ? 0 : out.totalPages());
    boolean holes = placement == Placement.CONTINUE || !mode.hasRounds();
    assertThat(reports.in().precopyPages()).isEqualTo(holes ? 0 : out.totalPages());
  }

  /** Pages of the first round stay current, and hardly any missing page is touched. */
  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("combinations")
  void idleVmHasNearlyAllPagesCurrentAtTheSwitchover(
      MigrationMode mode, Backing backing, Placement placement) throws Exception {
    SimulatedVmConfig idle = config(backing).withPace(IDLE_PACE);
    Reports reports = run(idle, MigrationSetup.of(mode, placement, true));
    OutgoingReport out = reports.out();
    long touched = mostOperations(out);
    assertThat(touched)
        .as("operations; the test is meaningless with more")
        .isLessThan(RAM_BYTES / HUGE_BYTES);
    assertThat(reports.in().faults()).isLessThanOrEqualTo(touched);
    if (mode.hasRounds()) {
      long unit = placement == Placement.COPY ? basePagesPerPage(backing) : 1;
      assertThat(out.totalPages() - out.currentPages()).isLessThanOrEqualTo(touched * unit);
      assertThat(out.precopyPages()).isLessThanOrEqualTo(out.totalPages() + touched);
      assertThat(out.precopyRounds()).isLessThanOrEqualTo(2);
    }
  }

  /** One round is enough: no page is sent twice, none is stale, none is discarded. */
  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("combinations")
  void readOnlyVmSendsEachPageOnce(MigrationMode mode, Backing backing, Placement placement)
      throws Exception {
    Reports reports =
        run(config(backing).withWriteFraction(0), MigrationSetup.of(mode, placement, true));
    OutgoingReport out = reports.out();
    IncomingReport in = reports.in();
    assertThat(out.zeroPages()).isZero();
    assertThat(out.precopyPages() + out.urgentPages() + out.backgroundPages())
        .as("pages sent: %s", out)
        .isEqualTo(out.totalPages());
    if (!mode.hasRounds()) {
      assertThat(out.requests()).as("the guest reads missing pages").isPositive();
      return;
    }
    assertThat(out.precopyRounds()).isLessThanOrEqualTo(2);
    assertThat(out.currentPages()).as("%s", out).isEqualTo(out.totalPages());
    assertThat(out.currentAnswers()).as("%s", out).isEqualTo(out.requests());
    if (placement == Placement.COPY) { // with continue, minor faults until all is mapped
      assertThat(in.faults()).as("%s", in).isZero();
    }
    assertThat(in.faults()).isEqualTo(out.requests() + in.localFaults());
  }

  /** Rounds do not keep up: some pages are sent again, and some are stale. */
  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("combinations")
  void writingVmSendsPagesAgainThatItWroteInTheMeantime(
      MigrationMode mode, Backing backing, Placement placement) throws Exception {
    OutgoingReport out = run(writing(backing), limited(WRITING_BANDWIDTH, mode, placement)).out();
    switch (mode) {
      case POSTCOPY -> assertThat(out.requests()).as("%s", out).isPositive();
      case HYBRID -> {
        assertThat(out.precopyPages()).isEqualTo(out.totalPages());
        assertThat(out.currentPages()).as("%s", out).isLessThan(out.totalPages());
      }
      case PRECOPY -> assertThat(out.precopyPages()).as("%s", out).isGreaterThan(out.totalPages());
    }
  }

  /** The point of placement continue: a requested huge page costs only its stale parts. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("hybrid")
  void writingVmFetchesStalePartsOnRequestInsteadOfWholeHugePages(MigrationMode mode)
      throws Exception {
    SimulatedVmConfig requesting = config(Backing.HUGETLB_2M).withPace(REQUESTING_PACE);
    OutgoingReport copied =
        run(requesting, limited(REQUESTING_BANDWIDTH, mode, Placement.COPY)).out();
    long answered = copied.requests() - copied.duplicateRequests();
    assertThat(answered).as("%s", copied).isPositive();
    assertThat(copied.urgentPages()).isEqualTo(answered * PARTS);
    OutgoingReport continued =
        run(requesting, limited(REQUESTING_BANDWIDTH, mode, Placement.CONTINUE)).out();
    long stale = continued.totalPages() - continued.currentPages();
    assertThat(stale).as("stale parts: %s", continued).isLessThan(continued.totalPages() / 2);
    long withData =
        continued.requests() - continued.duplicateRequests() - continued.currentAnswers();
    assertThat(withData).as("requests answered with data: %s", continued).isPositive();
    assertThat(continued.urgentPages()).isPositive().isLessThan(withData * PARTS / 2);
  }

  static Stream<MigrationMode> hybrid() {
    return Stream.of(MigrationMode.HYBRID);
  }

  private static SimulatedVmConfig config(Backing backing) {
    return SimulatedVmConfig.of(RAM_BYTES, backing, VCPUS, Workload.UNIFORM, SEED);
  }

  private static SimulatedVmConfig writing(Backing backing) {
    return config(backing).withPace(WRITING_PACE);
  }

  private static MigrationSetup limited(long bandwidth, MigrationMode mode, Placement placement) {
    MigrationSetup setup = MigrationSetup.of(mode, placement, true);
    return new MigrationSetup(
        mode,
        placement,
        setup.ownDirtyLog(),
        setup.precopy(),
        setup.switchNow(),
        bandwidth,
        bandwidth,
        setup.wire());
  }

  /** The most operations of idle vCPUs: the first one is due immediately, on either side. */
  private static long mostOperations(OutgoingReport out) {
    return VCPUS * (2 + (long) (IDLE_PACE * out.totalNanos() / NANOS_PER_SECOND));
  }

  private static int basePagesPerPage(Backing backing) {
    return backing.pageSize().isHuge() ? PARTS : 1;
  }

  private static Reports run(SimulatedVmConfig config, MigrationSetup setup) throws Exception {
    Kernel kernel = MigrationHost.kernel();
    Migration migration = new Migration(kernel, config, setup, null);
    if (!config.backing().pageSize().isHuge()) {
      return migration.run();
    }
    try (HugePageLoan _ =
        MigrationHost.hugePages(kernel, PageSize.HUGE_2M, 2 * RAM_BYTES / HUGE_BYTES)) {
      return migration.run();
    }
  }
}
