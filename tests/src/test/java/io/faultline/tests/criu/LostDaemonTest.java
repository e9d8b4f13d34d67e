package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.LinkSpeed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The daemon is killed with SIGKILL in the middle of the transfer. */
class LostDaemonTest {
  private static final int MIB = 16;
  private static final String RIGHT = "OK pages=4096";

  @RegisterExtension private static final Labs LABS = new Labs();

  @SuppressWarnings("NullAway.Init") // set by each test that needs it
  private CriuLab lab;

  @SuppressWarnings("NullAway.Init") // set by each test that needs it
  private Application application;

  private void prepare() throws Exception {
    lab = LABS.open();
    application = Application.memoryServer(LABS.programs(), MIB);
    lab.source().start(application);
  }

  @Test
  void sourceRunsOnAndTheRestoredProcessIsGone() throws Exception {
    prepare();
    HostCommand dump = lab.source().dumpLazily();
    lab.destination().copyImages(lab.source());
    int port = lab.source().pageServerPort(LinkSpeed.DIRECT);
    HostCommand daemon = lab.destination().startDaemon(LABS.ownDaemon(), port, "--no-background");
    lab.destination().restore();
    daemon.kill();
    daemon.await(Labs.LIMIT);
    assertThat(dump.await(Labs.LIMIT)).as("exit code of the dump").isEqualTo(1);
    assertThat(lab.destination().work().resolve("lazy-pages.rollback")).exists();
    assertThat(lab.destination().work().resolve("lazy-pages.state")).doesNotExist();
    try (LineClient client = lab.source().client(application.port())) {
      assertThat(client.ask("CHECK", Labs.LIMIT)).isEqualTo(RIGHT);
    }
  }

  @Test
  void anotherDaemonTakesOver() throws Exception {
    prepare();
    lab.source().dump();
    lab.destination().copyImages(lab.source());
    HostCommand first =
        lab.destination()
            .startLocalDaemon(LABS.ownDaemon(), "--on-failure", "hold", "--no-background");
    lab.destination().restore();
    try (LineClient client = lab.destination().client(application.port())) {
      assertThat(client.ask("RAND 200 1", Labs.LIMIT)).startsWith("OK");
      first.kill();
      first.await(Labs.LIMIT);
      HostCommand second = lab.destination().startLocalDaemon(LABS.ownDaemon(), "--take-over");
      second.awaitSuccess(Labs.LIMIT);
      assertThat(client.ask("CHECK", Labs.LIMIT)).isEqualTo(RIGHT);
    }
  }
}
