package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.LinkSpeed;
import java.io.IOException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * {@code lazy-pages} that is killed while memory is on the way. The kernel then gives the process
 * zeros for what is missing, and stock {@code criu dump} kills the source's process as if all had
 * arrived.
 */
class KilledDaemonTest {
  /** 16 MiB take eight seconds. */
  private static final LinkSpeed LINK = new LinkSpeed(Duration.ofMillis(5), 2_000_000);

  @RegisterExtension private static final Labs LABS = new Labs();

  @Test
  void restoredProcessIsKilledAndTheSourceRunsOn() throws Exception {
    CriuLab lab = LABS.open();
    Application application = Application.memoryServer(LABS.programs(), 16);
    lab.source().start(application);
    HostCommand dump = lab.source().dumpLazily();
    lab.destination().copyImages(lab.source());
    int port = lab.source().pageServerPort(LINK);
    HostCommand daemon = lab.destination().startDaemon(LABS.ownDaemon(), port);
    try {
      lab.destination().restore();
    } catch (IOException e) {
      throw new IOException(e.getMessage() + " ### " + daemon.output(), e);
    }
    try (LineClient client = lab.destination().client(application.port())) {
      assertThat(client.ask("RAND 1 1", Labs.LIMIT)).startsWith("OK");
      client.send("CHECK");
      daemon.kill();
      assertThat(answerOrEnd(client)).as("an answer without its memory").isEqualTo("ended");
    }
    assertThat(dump.await(Labs.LIMIT)).as("exit code of criu dump").isNotZero();
    Awaitility.await()
        .atMost(Labs.LIMIT)
        .untilAsserted(() -> assertThat(lab.destination().state()).isEmpty());
    assertThat(lab.source().state()).isPresent();
    try (LineClient client = lab.source().client(application.port())) {
      assertThat(client.ask("CHECK", Labs.LIMIT)).isEqualTo("OK pages=4096");
    }
  }

  private static String answerOrEnd(LineClient client) throws InterruptedException {
    try {
      return client.answer("CHECK", Labs.LIMIT);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("closed");
      return "ended";
    }
  }
}
