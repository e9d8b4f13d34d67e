package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.SourceHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A signal in the middle of the transfer rolls the move back before the daemon ends. */
class SignalTest {
  private static final int MIB = 8;

  @RegisterExtension private static final Labs LABS = new Labs();

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130", "HUP, 129"})
  void sourceRunsOn(String signal, int exitCode) throws Exception {
    assumeFalse(
        isIgnored(exitCode - 128),
        "SIG" + signal + " is ignored here, as by nohup or in the background, and by each child");
    FrozenServer server = FrozenServer.create(LABS, MIB);
    HostCommand daemon =
        server
            .destination()
            .startDaemon(LABS.ownDaemon(), SourceHost.PAGE_SERVER_PORT, "--no-background");
    server.destination().restore();
    try (LineClient client = server.client()) {
      assertThat(client.ask("RAND 50 1", Labs.LIMIT)).startsWith("OK");
      daemon.signal(signal);
      assertThat(daemon.await(Labs.LIMIT)).as("exit code").isEqualTo(exitCode);
    }
    assertThat(daemon.output()).contains("by a signal").doesNotContain("Exception");
    server.assertRolledBack();
    assertThat(server.destination().work().resolve("lazy-pages.state")).doesNotExist();
    assertThat(server.destination().work().resolve("lazy-pages.rollback"))
        .as("written by the guard, which had nothing to do")
        .doesNotExist();
  }

  /** Children inherit it, and a JVM leaves it so (proc_pid_status(5), SigIgn). */
  private static boolean isIgnored(int signal) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      String mask =
          lines.filter(line -> line.startsWith("SigIgn:")).findFirst().orElseThrow().substring(7);
      return (Long.parseUnsignedLong(mask.strip(), 16) >> (signal - 1) & 1) == 1;
    }
  }
}
