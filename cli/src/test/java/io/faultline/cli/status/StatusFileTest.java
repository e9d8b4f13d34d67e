package io.faultline.cli.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Status files as they are written and read. */
final class StatusFileTest {
  private static final Instant NOW = Instant.parse("2026-05-01T10:00:00.123Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final String ID = "825e691b133c038e7099d75483a15f83";

  @TempDir private Path directory;

  private final List<String> messages = new ArrayList<>();
  private String migration = "";

  @Test
  void eachStepIsReadAsItWasWritten() throws Exception {
    try (StatusFile status = StatusFile.ofSource(directory, ID, "there:1", CLOCK, messages::add)) {
      for (OwnershipStep step : OwnershipStep.values()) {
        status.update(step);
        assertThat(only()).isEqualTo(NodeStatus.ofThisProcess(true, ID, step, NOW, "there:1"));
      }
    }
    assertThat(directory).isEmptyDirectory();
    assertThat(messages).isEmpty();
  }

  /** Replacing the file takes milliseconds, for which the guest must not wait. */
  @Test
  void fileIsReplacedOnlyWhenTheMigrationGetsItsId() throws Exception {
    try (StatusFile status = destination(directory)) {
      status.update(OwnershipStep.LISTENING);
      Object withoutId = key();
      migration = ID;
      status.update(OwnershipStep.RECEIVING);
      Object withId = key();
      assertThat(withId).isNotEqualTo(withoutId);
      assertThat(only().migration()).isEqualTo(ID);
      status.update(OwnershipStep.READY);
      status.update(OwnershipStep.RUNNING);
      assertThat(key()).isEqualTo(withId);
      assertThat(only().step()).isEqualTo(OwnershipStep.RUNNING);
    }
  }

  @Test
  void failureToWriteIsReportedOnce() {
    Path missing = directory.resolve("missing");
    try (StatusFile status = destination(missing)) {
      status.update(OwnershipStep.LISTENING);
      status.update(OwnershipStep.RECEIVING);
    }
    assertThat(messages).singleElement().asString().contains("will not show this node");
  }

  @Test
  void malformedFileIsNamed() {
    Path file = directory.resolve("1.status");
    for (String text : List.of("", "{}\n", "{}\nELSEWHERE 1\n", "{\nPAUSED 1\n")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> NodeStatus.parse(text, file))
          .withMessageContaining("1.status is not a status file");
    }
  }

  private StatusFile destination(Path where) {
    return StatusFile.ofDestination(where, () -> migration, CLOCK, messages::add);
  }

  private NodeStatus only() throws IOException {
    List<NodeStatusList.Entry> entries = NodeStatusList.read(directory);
    assertThat(entries).hasSize(1);
    @Nullable NodeStatus status = entries.getFirst().status();
    assertThat(status).isNotNull();
    return status;
  }

  private Object key() throws IOException {
    Path file = NodeStatusList.read(directory).getFirst().file();
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }
}
