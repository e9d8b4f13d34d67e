package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.tests.process.ForeignServer.Behaviour;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A source whose address is not that of a destination keeps its VM and reports why. */
class WrongDestinationTest {
  private static final byte[] JUNK =
      "HTTP/1.1 400 Bad Request\r\nServer: something else altogether\r\nContent-Length: 0\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  @RegisterExtension private final Processes processes = new Processes();

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  void nobodyListens() throws Exception {
    int port = Ports.free();
    failToMigrate(
        port, "cannot connect to the destination 127.0.0.1:" + port, "Connection refused");
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  void serverAnswersJunk() throws Exception {
    migrateToServer(connection -> connection.getOutputStream().write(JUNK), "not a frame");
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  void serverEchoes() throws Exception {
    migrateToServer(
        connection -> connection.getInputStream().transferTo(connection.getOutputStream()),
        "both sides are sources");
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  void serverClosesImmediately() throws Exception {
    migrateToServer(connection -> connection.shutdownOutput(), "closed");
  }

  @Execution(ExecutionMode.CONCURRENT)
  @Test
  void serverIsSilent() throws Exception {
    migrateToServer(
        connection -> assertThat(connection.getInputStream().readAllBytes()).isNotEmpty(),
        "no hello within 10 s");
  }

  private void migrateToServer(Behaviour behaviour, String why) throws Exception {
    try (ForeignServer server = ForeignServer.start(behaviour)) {
      failToMigrate(
          server.port(),
          "127.0.0.1:" + server.port() + " does not answer as a Faultline destination: ",
          why);
    }
  }

  private void failToMigrate(int port, String... named) throws Exception {
    Node source = processes.start("source", "--to=127.0.0.1:" + port, "--ram=64m", "--quiet");
    source.awaitFailure(1, Node.LIMIT);
    assertThat(source.out()).isEmpty();
    assertThat(source.err()).as("one line").hasSize(1);
    assertThat(source.err().getFirst())
        .startsWith("faultline: ")
        .contains(List.of(named))
        .contains("the VM continues here");
  }
}
