package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DaemonProgram;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.cli.bench.criu.LinkSpeed;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Moves a memory server over a slow link, and has it do something while its memory arrives. */
record SlowMove(Labs labs, DaemonProgram daemon) {
  /** 16 MiB take 0.8 s, and a page takes 10 ms. */
  private static final LinkSpeed LINK = new LinkSpeed(Duration.ofMillis(5), 20_000_000);

  private static final int MEBIBYTES = 16;

  /** Moves it, and has one process do what the scenario says. */
  void run(Scenario scenario) throws IOException, InterruptedException {
    CriuLab lab = labs.open();
    Application application =
        Application.memoryServer(labs.programs(), MEBIBYTES, scenario.options());
    HostCommand dump = move(lab, application);
    HostCommand pages = daemon(lab);
    lab.destination().restore();
    try (LineClient client = lab.destination().client(application.port())) {
      ask(client, scenario.commands());
      finish(lab, dump, pages);
      ask(client, List.of("CHECK"));
    }
  }

  /** Moves a tree of processes with a zombie; all of them fork while their memory arrives. */
  void runTree(int children) throws IOException, InterruptedException {
    CriuLab lab = labs.open();
    Application application =
        Application.memoryServer(labs.programs(), 4, "children=" + children, "zombie");
    HostCommand dump = move(lab, application);
    HostCommand pages = daemon(lab);
    lab.destination().restore();
    for (int i = 0; i <= children; i++) {
      try (LineClient client = lab.destination().client(application.port() + i)) {
        ask(client, List.of("FORK"));
      }
    }
    finish(lab, dump, pages);
    for (int i = 0; i <= children; i++) {
      try (LineClient client = lab.destination().client(application.port() + i)) {
        ask(client, List.of("CHECK"));
      }
    }
  }

  private static HostCommand move(CriuLab lab, Application application)
      throws IOException, InterruptedException {
    lab.source().start(application);
    HostCommand dump = lab.source().dumpLazily();
    lab.destination().copyImages(lab.source());
    return dump;
  }

  private HostCommand daemon(CriuLab lab) throws IOException, InterruptedException {
    return lab.destination().startDaemon(daemon, lab.source().pageServerPort(LINK));
  }

  private static void finish(CriuLab lab, HostCommand dump, HostCommand pages)
      throws IOException, InterruptedException {
    pages.awaitSuccess(Labs.LIMIT);
    dump.awaitSuccess(Labs.LIMIT);
    assertThat(lab.source().state()).as("the source's process").isEmpty();
  }

  private static void ask(LineClient client, List<String> commands)
      throws IOException, InterruptedException {
    for (String command : commands) {
      assertThat(client.ask(command, Labs.LIMIT)).as(command).startsWith("OK");
    }
  }
}
