package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DestinationHost;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.tests.criu.LyingPageServer.Lie;
import io.faultline.tests.tags.Nightly;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A page server that is none, or not of this dump: {@code lazy-pages} says so in a line, and no
 * process is left with pages that it does not have. The daemon runs outside of the lab's host, in
 * the pid namespace above that of the process.
 */
class BadPageServerTest {
  @RegisterExtension private static final Labs LABS = new Labs();

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NOTHING")
  void wrongAnswerEndsTheRestore(Lie lie) throws Exception {
    checkEnd(lie);
  }

  @Test
  @Nightly
  void silenceEndsTheRestore() throws Exception {
    checkEnd(Lie.NOTHING);
  }

  private static void checkEnd(Lie lie) throws Exception {
    CriuLab lab = LABS.open();
    DestinationHost destination = lab.destination();
    lab.source().start(Application.memoryServer(LABS.programs(), 1));
    lab.source().dump();
    destination.copyImages(lab.source());
    try (LyingPageServer server = new LyingPageServer(lie)) {
      Process daemon = start(destination, server.port());
      HostCommand restore = destination.startRestore();
      assertThat(daemon.waitFor(Labs.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      String output = output(daemon);
      assertThat(daemon.exitValue()).as("exit code: %s", output).isEqualTo(1);
      assertThat(output)
          .startsWith("faultline: page server 127.0.0.1:" + server.port() + ": ")
          .contains(lie.expectedMessage())
          .hasLineCount(1);
      assertThat(restore.await(Labs.LIMIT)).isGreaterThanOrEqualTo(0);
    }
    Awaitility.await()
        .atMost(Labs.LIMIT)
        .untilAsserted(() -> assertThat(destination.state()).isEmpty());
  }

  private static Process start(DestinationHost destination, int port) throws IOException {
    List<String> command = new ArrayList<>(LABS.ownDaemon().program());
    command.addAll(List.of("lazy-pages", "--page-server", "--address", "127.0.0.1"));
    command.addAll(List.of("--port", Integer.toString(port)));
    command.addAll(List.of("-D", destination.images().toString()));
    command.addAll(List.of("-W", destination.work().toString()));
    Path socket = destination.work().resolve("lazy-pages.socket");
    Process daemon = new ProcessBuilder(command).redirectErrorStream(true).start();
    Awaitility.await().atMost(Labs.LIMIT).until(() -> Files.exists(socket) || !daemon.isAlive());
    return daemon;
  }

  private static String output(Process daemon) throws IOException {
    return new String(daemon.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
