package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DaemonProgram;
import io.faultline.cli.bench.criu.DestinationHost;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LinkSpeed;
import io.faultline.cli.bench.criu.SourceHost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The ways in which CRIU's users start a daemon and learn that it is ready. */
class DaemonStartTest {
  private static final int MIB = 8;

  @RegisterExtension private static final Labs LABS = new Labs();

  /** Started before the dump: without images, in the background. */
  @Test
  void daemonInTheBackgroundWaitsForImages() throws Exception {
    CriuLab lab = LABS.open();
    DestinationHost destination = lab.destination();
    Application application = Application.memoryServer(LABS.programs(), MIB);
    lab.source().start(application);
    HostCommand command =
        destination.launchDaemon(
            LABS.ownDaemon(),
            lab.source().pageServerPort(LinkSpeed.DIRECT),
            "-d",
            "--pidfile",
            "daemon.pid",
            "-o",
            "lazy-pages.log",
            "-v3",
            "--wait-images");
    command.awaitReady(Labs.LIMIT).awaitSuccess(Labs.LIMIT);
    int daemon = pid(destination.work().resolve("daemon.pid"));
    assertThat(destination.host().state(daemon)).as("the daemon").isPresent();
    FrozenServer server = FrozenServer.freeze(lab, application, MIB);
    destination.restore();
    server.assertMoved();
    awaitEnd(destination, daemon);
    assertThat(destination.work().resolve("lazy-pages.log"))
        .content()
        .containsPattern("(?m)^\\(\\d\\d\\.\\d{6}\\) lazy-pages: .* has all pages");
  }

  @Test
  void daemonInTheBackgroundThatCannotStartIsAFailure() throws Exception {
    CriuLab lab = LABS.open();
    HostCommand command =
        lab.destination()
            .launch(LABS.ownDaemon(), "lazy-pages", List.of("-d", "--pidfile", "daemon.pid"));
    assertThat(command.await(Labs.LIMIT)).isEqualTo(1);
    assertThat(command.output()).contains("inventory.img").doesNotContain("Exception");
    assertThat(lab.destination().work().resolve("daemon.pid")).doesNotExist();
  }

  /** It had the socket and the guard already. */
  @Test
  void daemonThatCannotSayThatItIsReadyLeavesNothing() throws Exception {
    CriuLab lab = LABS.open();
    HostCommand command =
        lab.destination()
            .launch(
                LABS.ownDaemon(),
                "lazy-pages",
                List.of("--wait-images", "--pidfile", "/nonexistent/daemon.pid"));
    assertThat(command.await(Labs.LIMIT)).isEqualTo(1);
    assertThat(command.output()).contains("--pidfile /nonexistent/daemon.pid");
    assertThat(lab.destination().work().resolve("lazy-pages.state")).doesNotExist();
    assertThat(lab.destination().work().resolve("lazy-pages.rollback")).doesNotExist();
  }

  @Test
  void pageServerInTheBackgroundReceivesADump() throws Exception {
    CriuLab lab = LABS.open();
    DestinationHost destination = lab.destination();
    Application application = Application.memoryServer(LABS.programs(), MIB);
    lab.source().start(application);
    List<String> options = new ArrayList<>(destination.pageServerOptions());
    options.addAll(List.of("-d", "--pidfile", "server.pid"));
    HostCommand command = destination.launch(LABS.ownDaemon(), "page-server", options);
    command.awaitReady(Labs.LIMIT).awaitSuccess(Labs.LIMIT);
    int server = pid(destination.work().resolve("server.pid"));
    assertThat(destination.host().state(server)).as("the server").isPresent();
    lab.source().dump(destination.dumpOptions());
    awaitEnd(destination, server);
    destination.copyImages(lab.source());
    HostCommand daemon = destination.startLocalDaemon(LABS.ownDaemon());
    destination.restore();
    daemon.awaitSuccess(Labs.LIMIT);
    FrozenServer.assertRight(destination.client(application.port()), MIB);
  }

  /** As container runtimes do: the connection to the page server exists before the daemon. */
  @Test
  void connectionIsInherited() throws Exception {
    FrozenServer server = FrozenServer.create(LABS, MIB);
    DestinationHost destination = server.destination();
    String connect =
        "exec 7<>/dev/tcp/"
            + destination.sourceAddress()
            + "/"
            + SourceHost.PAGE_SERVER_PORT
            + "; exec \"$@\"";
    List<String> program = new ArrayList<>(List.of("bash", "-c", connect, "bash"));
    program.addAll(LABS.ownDaemon().program());
    HostCommand daemon =
        destination.startLocalDaemon(
            DaemonProgram.ofProject(program), "--page-server", "--ps-socket", "7");
    destination.restore();
    daemon.awaitSuccess(Labs.LIMIT);
    server.assertMoved();
  }

  private static int pid(Path file) throws IOException {
    return Integer.parseInt(Files.readString(file).strip());
  }

  private static void awaitEnd(DestinationHost destination, int pid) {
    Awaitility.await()
        .atMost(Labs.LIMIT)
        .untilAsserted(() -> assertThat(destination.host().state(pid)).isEmpty());
  }
}
