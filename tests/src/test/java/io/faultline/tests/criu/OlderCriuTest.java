package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DestinationHost;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LinkSpeed;
import io.faultline.cli.bench.criu.SourceHost;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * CRIU 4.1.1: the headers of its page server and its pagemaps are others. The process has no
 * socket, since this CRIU cannot dump one on Linux 6.16 and later ("Can't get 1:16 opt").
 */
class OlderCriuTest {
  private static final int MIB = 8;
  private static final String RIGHT = "OK pages=" + MIB * 256;
  private static final LinkSpeed SLOW = new LinkSpeed(Duration.ofMillis(5), 20_000_000);

  @RegisterExtension private static final Labs LABS = new Labs("trixie");

  private final Application application = Application.withoutSockets(LABS.programs(), MIB);

  /** The process forks while they arrive. */
  @Test
  void pagesComeFromItsLazyDump() throws Exception {
    CriuLab lab = LABS.open();
    lab.source().start(application);
    FrozenServer server = FrozenServer.freeze(lab, application, MIB);
    HostCommand daemon =
        lab.destination().startDaemon(LABS.ownDaemon(), lab.source().pageServerPort(SLOW));
    lab.destination().restore();
    checkMemory(lab);
    daemon.awaitSuccess(Labs.LIMIT);
    server.dump().awaitSuccess(Labs.LIMIT);
  }

  @Test
  void itsDumpSendsItsPages() throws Exception {
    CriuLab lab = LABS.open();
    DestinationHost destination = lab.destination();
    lab.source().start(application);
    HostCommand server = destination.receivePages(LABS.ownDaemon());
    lab.source().dump(destination.dumpOptions());
    server.awaitSuccess(Labs.LIMIT);
    destination.copyImages(lab.source());
    HostCommand daemon = destination.startLocalDaemon(LABS.ownDaemon());
    destination.restore();
    checkMemory(lab);
    daemon.awaitSuccess(Labs.LIMIT);
  }

  /** That of the process and of a child that it forks now. */
  private static void checkMemory(CriuLab lab) throws Exception {
    String _ = lab.destination().host().run("kill", "-USR1", Integer.toString(SourceHost.PID));
    Awaitility.await()
        .atMost(Labs.LIMIT)
        .untilAsserted(
            () ->
                assertThat(lab.source().applicationOutput())
                    .content()
                    .contains("OK child: " + RIGHT + ", parent: " + RIGHT));
  }
}
