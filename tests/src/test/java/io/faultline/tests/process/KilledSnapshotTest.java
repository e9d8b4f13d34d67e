package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.snapshot.file.SnapshotException;
import io.faultline.snapshot.file.SnapshotFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code demo --snapshot}, finished and killed in the middle. */
class KilledSnapshotTest {
  private static final long RAM_BYTES = 64 << 20;

  @RegisterExtension private final Processes processes = new Processes();

  private List<String> arguments(Path file, Path json) {
    return List.of(
        "demo",
        "--snapshot=" + file,
        "--ram=" + RAM_BYTES,
        "--workload=uniform",
        "--pace=200000",
        "--json=" + json);
  }

  @Test
  void whatAKilledProcessLeavesIsNoSnapshotAndTheNextReplacesIt() throws Exception {
    Path file = processes.file("vm.snap");
    Path fresh = file.resolveSibling("vm.snap.new");
    Path json = processes.file("result.json");
    Node killed = processes.startAsTyped(arguments(file, json));
    while (!Files.exists(fresh)) {
      assertThat(killed.isAlive()).as(String.join("\n", killed.err())).isTrue();
      Thread.sleep(1);
    }
    killed.end();
    assertThat(file).doesNotExist();
    assertThatThrownBy(() -> SnapshotFile.open(fresh).close())
        .isInstanceOf(SnapshotException.class)
        .hasMessageContaining("is not a whole snapshot");
    Node finished = processes.startAsTyped(arguments(file, json));
    finished.awaitSuccess();
    finished.assertNoStackTrace();
    Result result = Result.read(json);
    result.assertVerified();
    assertThat(fresh).doesNotExist();
    try (SnapshotFile snapshot = SnapshotFile.open(file)) {
      assertThat(snapshot.vm().memoryBytes()).isEqualTo(RAM_BYTES);
      assertThat(snapshot.dataBytes()).isEqualTo(RAM_BYTES);
      assertThat(result.number("snapshot.file_bytes")).isEqualTo(Files.size(file));
    }
  }
}
