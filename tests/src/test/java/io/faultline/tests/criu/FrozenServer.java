package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DestinationHost;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LineClient;
import java.io.IOException;
import java.util.Optional;

/**
 * A memory server that a lazy dump has frozen at the source, with its images at the destination.
 *
 * @param dump serves its pages until it ends
 */
record FrozenServer(CriuLab lab, Application application, int mebibytes, HostCommand dump) {
  /**
   * Starts it and freezes it.
   *
   * @param dumpOptions more options of {@code criu dump}
   */
  static FrozenServer create(Labs labs, int mebibytes, String... dumpOptions)
      throws IOException, InterruptedException {
    CriuLab lab = labs.open();
    Application application = Application.memoryServer(labs.programs(), mebibytes);
    lab.source().start(application);
    return freeze(lab, application, mebibytes, dumpOptions);
  }

  /** Freezes one that runs. */
  static FrozenServer freeze(
      CriuLab lab, Application application, int mebibytes, String... dumpOptions)
      throws IOException, InterruptedException {
    HostCommand dump = lab.source().dumpLazily(dumpOptions);
    lab.destination().copyImages(lab.source());
    return new FrozenServer(lab, application, mebibytes, dump);
  }

  DestinationHost destination() {
    return lab.destination();
  }

  /** A client of the restored server. */
  LineClient client() throws IOException {
    return destination().client(application.port());
  }

  /** It runs at the destination with all its memory, and nowhere else. */
  void assertMoved() throws IOException, InterruptedException {
    dump.awaitSuccess(Labs.LIMIT);
    assertThat(lab.source().state()).as("the source's process").isEmpty();
    assertRight(client(), mebibytes);
  }

  /** It runs at the source with all its memory, and nowhere else. */
  void assertRolledBack() throws IOException, InterruptedException {
    assertThat(dump.await(Labs.LIMIT)).as("exit code of criu dump").isEqualTo(1);
    assertThat(destination().state()).as("the restored process").isEmpty();
    assertRight(lab.source().client(application.port()), mebibytes);
  }

  /**
   * Checks the memory of a server.
   *
   * @param client is closed
   */
  static void assertRight(LineClient client, int mebibytes)
      throws IOException, InterruptedException {
    try (client) {
      assertThat(client.ask("CHECK", Labs.LIMIT)).isEqualTo("OK pages=" + mebibytes * 256);
    }
  }

  /** It is still frozen at the source. */
  void assertFrozen() throws IOException {
    assertThat(dump.isRunning()).as("criu dump runs").isTrue();
    assertThat(lab.source().state()).as("the source's process").isNotEqualTo(Optional.empty());
  }
}
