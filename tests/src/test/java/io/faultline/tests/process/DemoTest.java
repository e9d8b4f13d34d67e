package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.tests.tags.Nightly;
import io.faultline.tests.tags.RunsAlone;
import io.faultline.uffd.HugePageLoan;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code demo}: one verified migration between two JVMs. */
class DemoTest {
  private static final long MIB = 1 << 20;

  @RegisterExtension private final Processes processes = new Processes();

  @Nightly
  @ParameterizedTest
  @CsvSource({"sequential,1", "zipf,2"})
  void otherWorkloadsAreVerified(String workload, int vcpus) throws Exception {
    everyWorkloadIsVerified(workload, vcpus);
  }

  @ParameterizedTest
  @CsvSource({"uniform,4", "pointer-chase,2"})
  void everyWorkloadIsVerified(String workload, int vcpus) throws Exception {
    Result result = demo(64, vcpus, "--workload=" + workload, "--pace=0", "--rehearsal=1s");
    assertThat(result.text("workload")).isEqualTo(workload);
    assertThat(result.text("engine")).isEqualTo("kernel");
    assertThat(result.text("backing")).isEqualTo("anonymous");
    assertThat(result.number("faults")).isPositive();
  }

  @Test
  void migratesOnTheSimulatedKernel() throws Exception {
    Result result = demo(256, 2, "--engine=simulated");
    assertThat(result.text("engine")).isEqualTo("simulated");
    assertThat(result.number("faults")).isPositive();
  }

  @Test
  void zeroPagesAreAnnouncedButNotSent() throws Exception {
    Result result = demo(128, 1, "--zero-fraction=0.5", "--workload=sequential", "--ops=1000");
    assertThat(result.number("pages.zero")).isBetween(15_000L, 17_000L);
    assertThat(result.number("bytes_sent")).isLessThan(80 * MIB);
  }

  @Test
  void zeroMemoryArrives() throws Exception {
    demo(64, 1, "--zero-fraction=1");
  }

  @Test
  void sharedMemoryArrives() throws Exception {
    assertThat(demo(64, 2, "--backing=shmem").text("backing")).isEqualTo("shmem");
  }

  @RunsAlone
  @Test
  void hugePagesArrive() throws Exception {
    try (HugePageLoan _ = HugePages.borrow(2 * 64 / 2)) {
      Result result = demo(64, 2, "--backing=hugetlb-2m");
      assertThat(result.number("page_size")).isEqualTo(2 * MIB);
    }
  }

  @RunsAlone
  @Test
  void precopiedHugePagesFetchStalePartsOnDemand() throws Exception {
    long before = HugePages.total();
    HugePages.assumeAvailable(2 * 64 / 2);
    Result result = demo(64, 2, "--backing=hugetlb-2m", "--place=continue", "--mode=hybrid");
    assertThat(result.text("mode")).isEqualTo("hybrid");
    assertThat(result.text("placement")).isEqualTo("continue");
    assertThat(result.number("precopy_rounds")).isEqualTo(1);
    assertThat(result.number("pages.precopy")).isEqualTo(64 * MIB / 4096);
    assertThat(result.number("pages.current")).isGreaterThanOrEqualTo(48 * MIB / 4096);
    assertThat(result.number("pages.urgent")).as("fetched on demand").isPositive();
    assertThat(HugePages.total()).as("huge pages in the pool").isEqualTo(before);
  }

  @Test
  void pagesArriveInPrepopulatedMemory() throws Exception {
    Result result = demo(64, 2, "--backing=shmem", "--place=continue", "--populate=all");
    assertThat(result.text("placement")).isEqualTo("continue");
    assertThat(result.number("pages.placed")).isPositive();
  }

  @Test
  void precopyLeavesNoPageForPostcopy() throws Exception {
    Result result = demo(64, 2, "--mode=precopy", "--working-set=8m", "--downtime-limit=2s");
    assertThat(result.text("mode")).isEqualTo("precopy");
    assertThat(result.number("precopy_rounds")).isGreaterThan(1);
    assertThat(result.number("pages.placed")).isZero();
    assertThat(result.number("faults")).isZero();
  }

  @Test
  void bandwidthLimitsTheBackgroundAndNotTheRequests() throws Exception {
    Result result = demo(64, 1, "--bandwidth=32m", "--working-set=4m");
    double seconds = (result.decimal("total_ms") - result.decimal("setup_ms")) / 1000;
    assertThat(seconds).as("64 MiB at 32 MiB/s").isGreaterThan(1.7);
    assertThat(result.number("pages.urgent")).isPositive();
  }

  @ParameterizedTest
  @ValueSource(longs = {1_000, 8_000_000})
  void vmStopsAfterItsOperationsOnEitherSide(long operations) throws Exception {
    Result result = demo(64, 2, "--workload=uniform", "--ops=" + operations);
    for (var each : result.at("operations")) {
      assertThat(each.asLong()).isEqualTo(operations);
    }
  }

  private Result demo(int mebibytes, int vcpus, String... more)
      throws IOException, InterruptedException {
    Demo demo = Demo.run(processes, List.of("--ram=" + mebibytes + "m", "--vcpus=" + vcpus), more);
    assertThat(demo.node().out()).anyMatch(line -> line.contains("verified"));
    demo.result().assertMigrated(mebibytes * MIB, vcpus);
    return demo.result();
  }
}
