package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DestinationHost;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.LinkSpeed;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code page-server} with stock CRIU as its client, and with our {@code lazy-pages}. */
class PageServerTest {
  @RegisterExtension private static final Labs LABS = new Labs();

  private final Application application = Application.memoryServer(LABS.programs(), 16);

  /** Private and shared. */
  @Test
  void receivesTheMemoryOfADump() throws Exception {
    CriuLab lab = LABS.open();
    DestinationHost destination = lab.destination();
    lab.source().start(Application.memoryServer(LABS.programs(), 16, "shared=4"));
    HostCommand server = destination.receivePages(LABS.ownDaemon());
    lab.source().dump(destination.dumpOptions());
    server.awaitSuccess(Labs.LIMIT);
    destination.copyImages(lab.source());
    HostCommand daemon = destination.startLocalDaemon(LABS.stockDaemon());
    destination.restore();
    daemon.awaitSuccess(Labs.LIMIT);
    check(destination);
  }

  @Test
  void fullDiskEndsTheDumpAndTheProcessRunsOn() throws Exception {
    CriuLab lab = LABS.open();
    DestinationHost destination = lab.destination();
    lab.source().start(application);
    destination
        .host()
        .run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", destination.images().toString());
    HostCommand server = destination.receivePages(LABS.ownDaemon());
    HostCommand dump = lab.source().startDump(List.of(destination.dumpOptions()));
    assertThat(dump.await(Labs.LIMIT)).as("exit code of criu dump").isEqualTo(1);
    assertThat(server.await(Labs.LIMIT)).as("exit code").isEqualTo(1);
    assertThat(server.output()).contains("pages-", "No space left").doesNotContain("Exception");
    try (LineClient client = lab.source().client(application.port())) {
      assertThat(client.ask("CHECK", Labs.LIMIT)).isEqualTo("OK pages=4096");
    }
  }

  @Test
  void servesTheMemoryOfOneDumpToThreeRestoresAtOnce() throws Exception {
    CriuLab lab = LABS.open(3);
    lab.source().start(application);
    lab.source().dump();
    HostCommand server = lab.source().servePages(LABS.ownDaemon());
    int port = lab.source().pageServerPort(LinkSpeed.DIRECT);
    List<HostCommand> daemons = new ArrayList<>();
    for (DestinationHost each : lab.destinations()) {
      each.copyImages(lab.source());
      daemons.add(each.startDaemon(LABS.ownDaemon(), port));
    }
    List<HostCommand> restores = new ArrayList<>();
    for (DestinationHost each : lab.destinations()) {
      restores.add(each.startRestore());
    }
    for (HostCommand each : restores) {
      each.awaitSuccess(Labs.LIMIT);
    }
    for (HostCommand each : daemons) {
      each.awaitSuccess(Labs.LIMIT);
    }
    for (DestinationHost each : lab.destinations()) {
      check(each);
    }
    assertThat(server.isRunning()).as("serves further clients").isTrue();
  }

  private void check(DestinationHost destination) throws Exception {
    try (LineClient client = destination.client(application.port())) {
      assertThat(client.ask("CHECK", Labs.LIMIT)).isEqualTo("OK pages=4096");
    }
  }
}
