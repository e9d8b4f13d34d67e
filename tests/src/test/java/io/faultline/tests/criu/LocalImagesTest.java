package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DestinationHost;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.SourceHost;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code lazy-pages} that reads the pages from the images of a whole dump. */
class LocalImagesTest {
  @RegisterExtension private static final Labs LABS = new Labs();

  @Test
  void memoryComesFromImageFiles() throws Exception {
    CriuLab lab = LABS.open();
    Application application =
        Application.memoryServer(LABS.programs(), 16, "threads=2", "sparse=5");
    lab.source().start(application);
    lab.source().dump();
    lab.destination().copyImages(lab.source());
    HostCommand daemon = lab.destination().startLocalDaemon(LABS.ownDaemon());
    lab.destination().restore();
    try (LineClient client = lab.destination().client(application.port())) {
      for (String command : List.of("SWEEP 64 0", "MSPLIT 16", "FORK", "BIGDN", "CHECK")) {
        assertThat(client.ask(command, Labs.LIMIT)).as(command).startsWith("OK");
      }
      daemon.awaitSuccess(Labs.LIMIT);
      assertThat(client.ask("CHECK", Labs.LIMIT)).isEqualTo("OK pages=4096");
    }
  }

  @Test
  void partOfTheMemoryComesFromTheImagesOfAnEarlierDump() throws Exception {
    CriuLab lab = LABS.open();
    Application application = Application.memoryServer(LABS.programs(), 16);
    lab.source().start(application);
    lab.source().dump();
    DestinationHost destination = lab.destination();
    destination.copyImages(lab.source());
    IncrementalImages.split(destination.images(), SourceHost.PID);
    HostCommand daemon = destination.startLocalDaemon(LABS.ownDaemon());
    destination.restore();
    daemon.awaitSuccess(Labs.LIMIT);
    FrozenServer.assertRight(destination.client(application.port()), 16);
  }
}
