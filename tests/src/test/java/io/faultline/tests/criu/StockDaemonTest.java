package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.LinkSpeed;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A plain migration with nothing but CRIU: the lab works, and can tell right from wrong. */
class StockDaemonTest {
  @RegisterExtension private static final Labs LABS = new Labs();

  @Test
  void idleProcessArrives() throws Exception {
    CriuLab lab = LABS.open();
    Application application = Application.memoryServer(LABS.programs(), 16);
    lab.source().start(application);
    HostCommand dump = lab.source().dumpLazily();
    lab.destination().copyImages(lab.source());
    int port = lab.source().pageServerPort(LinkSpeed.farGigabit());
    HostCommand daemon = lab.destination().startDaemon(LABS.stockDaemon(), port);
    lab.destination().restore();
    daemon.awaitSuccess(Labs.LIMIT);
    dump.awaitSuccess(Labs.LIMIT);
    assertThat(lab.source().state()).as("the source's process").isEmpty();
    try (LineClient client = lab.destination().client(application.port())) {
      assertThat(client.ask("CHECK", Labs.LIMIT)).isEqualTo("OK pages=4096");
    }
  }

  @Test
  void lostPagesAreNoticed() throws Exception {
    CriuLab lab = LABS.open();
    Application application = Application.memoryServer(LABS.programs(), 16);
    lab.source().start(application);
    lab.source().dumpLazily();
    lab.destination().copyImages(lab.source());
    int port = lab.source().pageServerPort(new LinkSpeed(Duration.ofMillis(5), 1_000_000));
    HostCommand daemon = lab.destination().startDaemon(LABS.stockDaemon(), port);
    lab.destination().restore();
    daemon.kill(); // pages that have not arrived now read as zeros
    daemon.await(Labs.LIMIT);
    try (LineClient client = lab.destination().client(application.port())) {
      assertThat(checkOrEnd(client)).isNotEqualTo("OK pages=4096");
    }
  }

  /** A process that has lost pages may also have ended. */
  private static String checkOrEnd(LineClient client) throws InterruptedException {
    try {
      return client.ask("CHECK", Labs.LIMIT);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("closed");
      return "ended";
    }
  }
}
