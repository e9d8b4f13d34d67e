package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.tests.tags.RunsAlone;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The pool of huge pages is emptied while the VM still needs pages that were discarded. */
@RunsAlone
class DrainedPoolTest {
  private static final int RAM_MIB = 64;
  private static final long PAGES = 2 * RAM_MIB / 2;

  /** After the only round, when most of the remaining pages are still unsent. */
  private static final long AFTER_THE_ROUND = (RAM_MIB + 6L) << 20;

  /** Longer than the heartbeat of both sides, which must not end the connections. */
  private static final Duration SHORTAGE = Duration.ofMillis(2500);

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void placingPausesUntilThePoolHasPagesAgain() throws Exception {
    HugePages.assumeAvailable(PAGES);
    long poolBefore = HugePages.total();
    Path json = processes.file("dest.json");
    try (HugePages.Drainable pool = HugePages.drainable(PAGES)) {
      Node dest =
          processes.start(
              "dest",
              "--listen=127.0.0.1:0",
              "--rehearsal=0ms",
              "--run-on=20ms",
              "--heartbeat=1s",
              "--json=" + json);
      try (BreakingRelay relay = relay(dest, pool)) {
        Node source = source(relay, "--heartbeat=1s");
        dest.awaitError("paused placing: no memory for page");
        Thread.sleep(SHORTAGE);
        assertThat(dest.isAlive()).isTrue();
        pool.refill();
        dest.awaitSuccess();
        source.awaitSuccess();
      }
      dest.assertNoStackTrace();
      assertThat(dest.err())
          .anyMatch(line -> line.contains("the pool of huge pages is exhausted"))
          .anyMatch(line -> line.contains("memory is there again: placing continues after"))
          .noneMatch(line -> line.contains("connection lost"));
      Result result = Result.read(json);
      result.assertVerified();
      assertThat(result.number("memory_waits")).isBetween(1L, 3L);
      assertThat(result.number("memory_wait_ms")).isGreaterThanOrEqualTo(SHORTAGE.toMillis() - 500);
    }
    assertThat(HugePages.total()).as("pages in the pool").isEqualTo(poolBefore);
  }

  /**
   * The vCPUs wait for pages when the VM is stopped, and then still finish one access each. The
   * pool has no page for that, so that the access could end the process with SIGBUS.
   */
  @Test
  void vmIsStoppedWithAnErrorThatNamesThePoolIfTheWaitHasALimit() throws Exception {
    HugePages.assumeAvailable(PAGES);
    try (HugePages.Drainable pool = HugePages.drainable(PAGES)) {
      Node dest =
          processes.start(
              "dest", "--listen=127.0.0.1:0", "--quiet", "--rehearsal=0ms", "--give-up-after=1s");
      try (BreakingRelay relay = relay(dest, pool)) {
        Node source = source(relay, "--give-up-after=1s");
        dest.awaitFailure(1, Node.LIMIT);
        source.awaitFailure(1, Node.LIMIT);
        assertThat(relay.done()).isEqualTo(1);
        dest.assertNoStackTrace();
        source.assertNoStackTrace();
        assertThat(dest.err().getLast())
            .contains("without memory", "the pool of huge pages is exhausted", "enlarge it")
            .contains("the VM was stopped");
      }
    }
  }

  private BreakingRelay relay(Node dest, HugePages.Drainable pool) throws Exception {
    List<FaultPlan.Fault> drained =
        List.of(new FaultPlan.Fault(FaultPlan.Kind.POOL_DRAINED, AFTER_THE_ROUND));
    return BreakingRelay.to(dest.awaitPort(), drained, kind -> drain(pool));
  }

  private Node source(BreakingRelay relay, String timeout) throws Exception {
    return processes.start(
        "source",
        "--to=127.0.0.1:" + relay.port(),
        "--ram=" + RAM_MIB + "m",
        "--working-set=" + RAM_MIB + "m",
        "--backing=hugetlb-2m",
        "--mode=hybrid",
        "--switch-after=1",
        "--workload=uniform",
        "--vcpus=3",
        "--bandwidth=100m",
        "--rehearsal=0ms",
        timeout,
        "--quiet");
  }

  private static void drain(HugePages.Drainable pool) {
    try {
      pool.drain();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
