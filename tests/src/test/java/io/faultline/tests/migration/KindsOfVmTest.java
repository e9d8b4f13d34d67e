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
 * VMs that write much, that only read, that do next to nothing, and that are all zero: each is
 * moved in every mode, and each has something that only its kind can show. Its own dirty log tells
 * what it writes by base pages, also in huge pages.
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

  /** Operations a second that hardly touch a VM while it moves. */
  private static final long IDLE_PACE = 2;

  /** Operations a second that make some parts of each huge page stale in one round, not all. */
  private static final long WRITING_PACE = 1000;

  /** So slow that requests come while much is still to be sent. */
  private static final long WRITING_BANDWIDTH = 300 * MIB;

  /**
   * So much, and so slow, that a vCPU needs each huge page while its stale parts are to be sent.
   */
  private static final long ASKING_PACE = 3000;

  private static final long ASKING_BANDWIDTH = 100 * MIB;

  static Stream<Arguments> ways() {
    List<Arguments> ways = new ArrayList<>();
    for (MigrationMode mode : MigrationMode.values()) {
      for (Backing backing : new Backing[] {Backing.SHMEM, Backing.HUGETLB_2M}) {
        for (Placement placement : Placement.values()) {
          ways.add(Arguments.of(mode, backing, placement));
        }
      }
    }
    return ways.stream();
  }

  /** Nothing but zeros, in which nobody writes: pages without data say all of it. */
  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("ways")
  void allZeroSendsNoPageAsData(MigrationMode mode, Backing backing, Placement placement)
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

  /** What a round brings stays current, and hardly anybody touches what is missing. */
  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("ways")
  void idleHasNearlyAllPagesCurrentAtTheSwitchover(
      MigrationMode mode, Backing backing, Placement placement) throws Exception {
    SimulatedVmConfig idle = config(backing).withPace(IDLE_PACE);
    Reports reports = run(idle, MigrationSetup.of(mode, placement, true));
    OutgoingReport out = reports.out();
    long touched = mostOperations(out);
    assertThat(touched).as("operations, or this says nothing").isLessThan(RAM_BYTES / HUGE_BYTES);
    assertThat(reports.in().faults()).isLessThanOrEqualTo(touched);
    if (mode.hasRounds()) {
      long unit = placement == Placement.COPY ? basePagesPerPage(backing) : 1;
      assertThat(out.totalPages() - out.currentPages()).isLessThanOrEqualTo(touched * unit);
      assertThat(out.precopyPages()).isLessThanOrEqualTo(out.totalPages() + touched);
      assertThat(out.precopyRounds()).isLessThanOrEqualTo(2);
    }
  }

  /** One round brings all of it for good: no page twice, nothing stale, nothing to discard. */
  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("ways")
  void readHeavySendsEachPageOnce(MigrationMode mode, Backing backing, Placement placement)
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
      assertThat(out.requests()).as("what the guest reads is missing").isPositive();
      return;
    }
    assertThat(out.precopyRounds()).isLessThanOrEqualTo(2);
    assertThat(out.currentPages()).as("%s", out).isEqualTo(out.totalPages());
    assertThat(out.currentAnswers()).as("%s", out).isEqualTo(out.requests());
    if (placement == Placement.COPY) { // else minor ones, as far as the guest is quicker
      assertThat(in.faults()).as("%s", in).isZero();
    }
    assertThat(in.faults()).isEqualTo(out.requests() + in.localFaults());
  }

  /** Rounds do not keep up with it: some pages are sent again, and some are stale. */
  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("ways")
  void writeHeavySendsAgainWhatWasWrittenMeanwhile(
      MigrationMode mode, Backing backing, Placement placement) throws Exception {
    OutgoingReport out = run(writing(backing), at(WRITING_BANDWIDTH, mode, placement)).out();
    switch (mode) {
      case POSTCOPY -> assertThat(out.requests()).as("%s", out).isPositive();
      case HYBRID -> {
        assertThat(out.precopyPages()).isEqualTo(out.totalPages());
        assertThat(out.currentPages()).as("%s", out).isLessThan(out.totalPages());
      }
      case PRECOPY -> assertThat(out.precopyPages()).as("%s", out).isGreaterThan(out.totalPages());
    }
  }

  /** What placement continue is for: a huge page that is asked for costs its stale parts. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("hybrid")
  void writeHeavyMovesStalePartsOnRequestAndNotWholeHugePages(MigrationMode mode) throws Exception {
    SimulatedVmConfig asking = config(Backing.HUGETLB_2M).withPace(ASKING_PACE);
    OutgoingReport copied = run(asking, at(ASKING_BANDWIDTH, mode, Placement.COPY)).out();
    long answered = copied.requests() - copied.duplicateRequests();
    assertThat(answered).as("%s", copied).isPositive();
    assertThat(copied.urgentPages()).isEqualTo(answered * PARTS);
    OutgoingReport continued = run(asking, at(ASKING_BANDWIDTH, mode, Placement.CONTINUE)).out();
    long stale = continued.totalPages() - continued.currentPages();
    assertThat(stale).as("parts stale: %s", continued).isLessThan(continued.totalPages() / 2);
    long brought =
        continued.requests() - continued.duplicateRequests() - continued.currentAnswers();
    assertThat(brought).as("requests that brought something: %s", continued).isPositive();
    assertThat(continued.urgentPages()).isPositive().isLessThan(brought * PARTS / 2);
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

  private static MigrationSetup at(long bandwidth, MigrationMode mode, Placement placement) {
    MigrationSetup how = MigrationSetup.of(mode, placement, true);
    return new MigrationSetup(
        mode,
        placement,
        how.ownDirtyLog(),
        how.precopy(),
        how.switchNow(),
        bandwidth,
        bandwidth,
        how.wire());
  }

  /** The most that idle vCPUs can have done meanwhile: the first is due at once, at either end. */
  private static long mostOperations(OutgoingReport out) {
    return VCPUS * (2 + (long) (IDLE_PACE * out.totalNanos() / NANOS_PER_SECOND));
  }

  private static int basePagesPerPage(Backing backing) {
    return backing.pageSize().isHuge() ? PARTS : 1;
  }

  private static Reports run(SimulatedVmConfig config, MigrationSetup how) throws Exception {
    Kernel kernel = MigrationHost.kernel();
    Migration migration = new Migration(kernel, config, how, null);
    if (!config.backing().pageSize().isHuge()) {
      return migration.run();
    }
    try (HugePageLoan loan =
        MigrationHost.hugePages(kernel, PageSize.HUGE_2M, 2 * RAM_BYTES / HUGE_BYTES)) {
      assertThat(loan.shortage()).isEmpty();
      return migration.run();
    }
  }
}
