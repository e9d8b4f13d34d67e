package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.tests.tags.RunsAlone;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A pool of huge pages that is emptied when the VM needs pages that were discarded. */
@RunsAlone
class DrainedPoolTest {
  private static final int RAM_MIB = 64;
  private static final long PAGES = 2 * RAM_MIB / 2;

  /** The only round is through, and most of what comes behind it is not. */
  private static final long BEHIND_THE_ROUND = (RAM_MIB + 6L) << 20;

  @RegisterExtension private final Processes processes = new Processes();

  /**
   * Its vCPUs wait for pages when it is stopped, and then go on for one access: the pool has no
   * page for that, so that it would end the process with SIGBUS.
   */
  @Test
  void vmIsStoppedAndThePoolIsNamed() throws Exception {
    assumeTrue(HugePages.canLend(PAGES), "2 MiB pages are not lent: root may");
    long poolBefore = HugePages.total();
    try (HugePages.Drainable pool = HugePages.drainable(PAGES)) {
      Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet", "--rehearsal=0ms");
      List<FaultPlan.Fault> drained =
          List.of(new FaultPlan.Fault(FaultPlan.Kind.POOL_DRAINED, BEHIND_THE_ROUND));
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
