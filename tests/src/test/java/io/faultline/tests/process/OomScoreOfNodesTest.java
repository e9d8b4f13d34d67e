package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The OOM killer ends a node late while a VM depends on it. */
class OomScoreOfNodesTest {
  /** CAP_SYS_RESOURCE of linux/capability.h. */
  private static final int CAP_SYS_RESOURCE = 24;

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void scoreIsLowAtTheSourceAndFromRunOnAtTheDestination() throws Exception {
    assumeTrue(mayLower(), "only a process with CAP_SYS_RESOURCE may lower its score");
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--rehearsal=0ms", "--run-on=3s");
    int port = dest.awaitPort();
    String before = score(dest);
    assertThat(before).isNotEqualTo("-900");
    Node source =
        processes.start(
            "source",
            "--to=127.0.0.1:" + port,
            "--ram=32m",
            "--mode=postcopy",
            "--warm-up=700ms",
            "--rehearsal=0ms",
            "--quiet");
    await(source);
    assertThat(score(dest)).as("the VM still runs at the source").isEqualTo(before);
    await(dest);
    source.awaitSuccess();
    dest.awaitSuccess();
  }

  private static boolean mayLower() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("CapEff:"))
        .anyMatch(
            line -> (Long.parseLong(line.substring(7).strip(), 16) >> CAP_SYS_RESOURCE & 1) == 1);
  }

  private static void await(Node node) {
    Awaitility.await()
        .atMost(Node.LIMIT)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> score(node).equals("-900"));
  }

  private static String score(Node node) throws IOException {
    return Files.readString(Path.of("/proc/" + node.pid() + "/oom_score_adj")).strip();
  }
}
