package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultline.source.journal.JournalStage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** {@code status} shows which side owns the VM, while both nodes run and after they were killed. */
class StatusTest {
  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void statusAlwaysShowsWhichSideOwnsTheVm() throws Exception {
    Path state = Files.createDirectory(processes.file("state"));
    try (MemoryFile memory = MemoryFile.named("status")) {
      Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet", "--state=" + state);
      int port = dest.awaitPort();
      assertThat(NodeStatus.of(processes, state, "destination").path("step").asString())
          .isEqualTo("listening");
      Node source =
          processes.start(
              "source",
              "--to=127.0.0.1:" + port,
              "--ram=64m",
              ControlSocket.HELD,
              "--quiet",
              "--state=" + state,
              memory.asBacking());
      JournalDirectory.awaitStage(state, JournalStage.COMMITTED);
      await()
          .atMost(Node.LIMIT)
          .until(
              () ->
                  NodeStatus.of(processes, state, "destination")
                      .path("step")
                      .asString()
                      .equals("running"));
      assertThat(NodeStatus.of(processes, state, "source").path("vm").asString())
          .isEqualTo("destination");
      assertThat(NodeStatus.of(processes, state, "destination").path("vm").asString())
          .isEqualTo("destination");
      assertThat(NodeStatus.of(processes, state, "destination").path("migration").asString())
          .isEqualTo(NodeStatus.of(processes, state, "source").path("migration").asString());

      source.kill();
      assertThat(source.await(Node.LIMIT)).isNotZero();
      JsonNode dead = NodeStatus.of(processes, state, "source");
      assertThat(dead.path("alive").asBoolean()).isFalse();
      assertThat(dead.path("vm").asString()).isEqualTo("destination");
      String id = dead.path("migration").asString();
      assertThat(dead.path("to_do").asString())
          .isEqualTo("faultline source --resume " + id + " --journal " + state);
      List<String> text = text(state);
      assertThat(text)
          .anyMatch(line -> line.contains("source of migration " + id) && line.contains("DIED"));

      dest.kill();
      assertThat(dest.await(Node.LIMIT)).isNotZero();
      JsonNode lost = NodeStatus.of(processes, state, "destination");
      assertThat(lost.path("vm").asString()).isEqualTo("nobody");
      assertThat(lost.path("means").asString()).contains("died with this process");
    }
  }

  @Test
  void nodesThatEndLeaveNoStatusFile() throws Exception {
    Path state = Files.createDirectory(processes.file("state"));
    Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet", "--state=" + state);
    Node source =
        processes.start(
            "source",
            "--to=127.0.0.1:" + dest.awaitPort(),
            "--ram=16m",
            "--quiet",
            "--state=" + state);
    source.awaitSuccess();
    dest.awaitSuccess();
    assertThat(text(state)).singleElement().asString().contains("has a status file");
    assertThat(state).isEmptyDirectory();
  }

  private List<String> text(Path state) throws Exception {
    Node status = processes.start("status", "--state=" + state);
    status.awaitSuccess();
    return status.out();
  }
}
