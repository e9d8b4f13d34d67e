package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.tests.tags.RunsAlone;
import java.io.IOException;
import java.io.UncheckedIOException;
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

  @RegisterExtension private final Processes processes = new Processes();

  /**
   * The vCPUs wait for pages when the VM is stopped, and then still finish one access each. The
   * pool has no page for that, so that the access could end the process with SIGBUS.
   */
  @Test
  void vmIsStoppedWithAnErrorThatNamesThePool() throws Exception {
    HugePages.assumeAvailable(PAGES);
    long poolBefore = HugePages.total();
    try (HugePages.Drainable pool = HugePages.drainable(PAGES)) {
      Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet", "--rehearsal=0ms");
      List<FaultPlan.Fault> drained =
          List.of(new FaultPlan.Fault(FaultPlan.Kind.POOL_DRAINED, AFTER_THE_ROUND));
      try (BreakingRelay relay = BreakingRelay.to(dest.awaitPort(), drained, kind -> drain(pool))) {
        Node source =
            processes.start(
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
                "--give-up-after=1s",
                "--quiet");
        dest.awaitFailure(1, Node.LIMIT);
        source.awaitFailure(1, Node.LIMIT);
        assertThat(relay.done()).isEqualTo(1);
        dest.assertNoStackTrace();
        source.assertNoStackTrace();
        assertThat(dest.err().getLast())
            .contains("the pool of huge pages is exhausted", "enlarge it", "the VM was stopped");
      }
    }
    assertThat(HugePages.total()).as("pages in the pool").isEqualTo(poolBefore);
  }

  private static void drain(HugePages.Drainable pool) {
    try {
      pool.drain();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
