package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.faultline.source.journal.JournalStage;
import io.faultline.source.journal.Journals;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Whose the VM is, while both ends live and when they were killed. */
class StatusTest {
  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void aPersonCanAlwaysFindOutWhoseTheVmIs() throws Exception {
    Path state = Files.createDirectory(processes.file("state"));
    try (MemoryFile memory = MemoryFile.named("status")) {
      Node dest = processes.start("dest", "--listen=127.0.0.1:0", "--quiet", "--state=" + state);
      int port = dest.awaitPort();
      assertThat(Statuses.one(processes, state, "destination").path("step").asString())
          .isEqualTo("listening");
      Node source =
          processes.start(
              "source",
              "--to=127.0.0.1:" + port,
              "--ram=64m",
              "--bandwidth=2m",
              "--quiet",
              "--state=" + state,
              memory.asBacking());
      await()
          .atMost(Node.LIMIT)
          .until(
              () ->
                  new Journals(state)
                      .list().stream().anyMatch(each -> each.stage() == JournalStage.COMMITTED));
      await()
          .atMost(Node.LIMIT)
          .until(
              () ->
                  Statuses.one(processes, state, "destination")
                      .path("step")
                      .asString()
                      .equals("running"));
      assertThat(Statuses.one(processes, state, "source").path("vm").asString())
          .isEqualTo("destination");
      assertThat(Statuses.one(processes, state, "destination").path("vm").asString())
          .isEqualTo("destination");
      assertThat(Statuses.one(processes, state, "destination").path("migration").asString())
          .isEqualTo(Statuses.one(processes, state, "source").path("migration").asString());

      source.kill();
      assertThat(source.await(Node.LIMIT)).isNotZero();
      JsonNode dead = Statuses.one(processes, state, "source");
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
      JsonNode lost = Statuses.one(processes, state, "destination");
      assertThat(lost.path("vm").asString()).isEqualTo("nobody");
      assertThat(lost.path("means").asString()).contains("died with this process");
    }
  }

  @Test
  void nodesThatEndLeaveNoWord() throws Exception {
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
