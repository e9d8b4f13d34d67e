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

/** What a node says of itself, as it is read. */
final class StatusFileTest {
  private static final Instant NOW = Instant.parse("2026-05-01T10:00:00.123Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final String ID = "825e691b133c038e7099d75483a15f83";

  @TempDir private Path directory;

  private final List<String> remarks = new ArrayList<>();
  private String migration = "";

  @Test
  void eachStepIsReadAsItWasTold() throws Exception {
    try (StatusFile status = StatusFile.ofSource(directory, ID, "there:1", CLOCK, remarks::add)) {
      for (OwnershipStep step : OwnershipStep.values()) {
        status.tell(step);
        assertThat(only()).isEqualTo(NodeStatus.ofThisProcess(true, ID, step, NOW, "there:1"));
      }
    }
    assertThat(directory).isEmptyDirectory();
    assertThat(remarks).isEmpty();
  }

  /** What replacing it costs, no guest is to wait for. */
  @Test
  void fileIsReplacedOnlyWhenTheMigrationHasItsName() throws Exception {
    try (StatusFile status = destination(directory)) {
      status.tell(OwnershipStep.LISTENING);
      Object nameless = key();
      migration = ID;
      status.tell(OwnershipStep.RECEIVING);
      Object named = key();
      assertThat(named).isNotEqualTo(nameless);
      assertThat(only().migration()).isEqualTo(ID);
      status.tell(OwnershipStep.READY);
      status.tell(OwnershipStep.RUNNING);
      assertThat(key()).isEqualTo(named);
      assertThat(only().step()).isEqualTo(OwnershipStep.RUNNING);
    }
  }

  @Test
  void nodeThatCannotSayItSaysThatOnce() {
    Path missing = directory.resolve("missing");
    try (StatusFile status = destination(missing)) {
      status.tell(OwnershipStep.LISTENING);
      status.tell(OwnershipStep.RECEIVING);
    }
    assertThat(remarks).singleElement().asString().contains("will not tell of this node");
  }

  @Test
  void whatIsNoStatusIsNamed() {
    Path file = directory.resolve("1.status");
    for (String text : List.of("", "{}\n", "{}\nELSEWHERE 1\n", "{\nPAUSED 1\n")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> NodeStatus.parse(text, file))
          .withMessageContaining("1.status is no status");
    }
  }

  private StatusFile destination(Path where) {
    return StatusFile.ofDestination(where, () -> migration, CLOCK, remarks::add);
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
