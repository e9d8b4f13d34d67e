package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.snapshot.file.SnapshotException;
import io.faultline.snapshot.file.SnapshotFile;
import io.faultline.snapshot.file.SnapshotId;
import io.faultline.snapshot.file.SnapshotReader;
import io.faultline.tests.tags.Nightly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Processes that save a VM, and those that restore it, killed at random instants: no file that
 * opens is not whole, and no VM ends with a wrong byte.
 */
class RandomKillsSnapshotTest {
  private static final long RAM_BYTES = 64 << 20;

  @RegisterExtension private final Processes processes = new Processes();
  private final long seed = Long.getLong("faultline.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private Path file = Path.of("");
  private Path fresh = Path.of("");
  private int replaced;
  private int refused;

  @Test
  void noByteIsWrongAfterAFewKills() throws Exception {
    killOften(2);
  }

  @Nightly
  @Test
  void noByteIsWrongAfterTwoHundredKills() throws Exception {
    killOften(100);
  }

  /** Kills one process of each kind in each round. */
  private void killOften(int rounds) throws Exception {
    System.out.println("RandomKillsSnapshotTest: -Dfaultline.seed=" + seed);
    file = processes.file("vm.snap");
    fresh = file.resolveSibling("vm.snap.new");
    int saveMillis = save();
    int restoreMillis = restore(file);
    for (int round = 0; round < rounds; round++) {
      SnapshotId before = checkedId(file).orElseThrow();
      killSaver(saveMillis);
      SnapshotId after = checkedId(file).orElseThrow();
      if (!after.equals(before)) { // it was killed after it had finished
        replaced++;
        restore(file);
      }
      checkWhatIsLeft();
      killRestorer(restoreMillis);
    }
    restore(file);
    System.out.printf(
        "%d rounds: %d left no whole file, %d a new one%n", rounds, refused, replaced);
  }

  /** Takes a snapshot to its end; returns how long that took, from the creation of the file. */
  private int save() throws Exception {
    Path json = processes.file("saved.json");
    Node node = startSaver(json);
    node.awaitSuccess();
    Result result = Result.read(json);
    result.assertVerified();
    return (int) result.decimal("snapshot.total_ms");
  }

  private Node startSaver(Path json) throws IOException {
    return processes.startAsTyped(
        List.of(
            "demo",
            "--snapshot=" + file,
            "--ram=" + RAM_BYTES,
            "--workload=uniform",
            "--pace=200000",
            "--json=" + json,
            "--quiet"));
  }

  /** Restores a snapshot to the end of the VM; returns how long that took. */
  private int restore(Path snapshot) throws Exception {
    long start = System.nanoTime();
    Path json = processes.file("restored.json");
    Node node = startRestorer(snapshot, "--json=" + json);
    node.awaitSuccess();
    Result.read(json).assertVerified();
    return (int) ((System.nanoTime() - start) / 1_000_000);
  }

  private Node startRestorer(Path snapshot, String... more) throws IOException {
    return processes.start(
        List.of("restore", snapshot.toString(), "--run-on=50ms", "--quiet"), more);
  }

  /** At any instant from the creation of its file until shortly after its end. */
  private void killSaver(int saveMillis) throws Exception {
    FileTime start = FileTime.from(Instant.now());
    Node node = startSaver(processes.file("killed.json"));
    while (node.isAlive() && !isFreshSince(start)) {
      Thread.sleep(1);
    }
    Thread.sleep(random.nextInt(saveMillis + saveMillis / 4 + 1));
    node.end();
  }

  private boolean isFreshSince(FileTime start) throws IOException {
    try {
      return Files.getLastModifiedTime(fresh).compareTo(start) > 0;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** A restored VM that is killed changes no snapshot. */
  private void killRestorer(int restoreMillis) throws Exception {
    FileTime before = Files.getLastModifiedTime(file);
    Node node = startRestorer(file);
    Thread.sleep(random.nextInt(restoreMillis + 1));
    node.end();
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(before);
  }

  /** What has not got its name is refused, unless only its name was missing. */
  private void checkWhatIsLeft() throws Exception {
    if (Files.exists(fresh) && checkedId(fresh).isPresent()) {
      restore(fresh);
    } else {
      refused++;
    }
    if (random.nextBoolean()) { // else the next snapshot finds it
      Files.deleteIfExists(fresh);
    }
  }

  /** The id of a snapshot, all data of which has the right checksum; empty if it is refused. */
  private static Optional<SnapshotId> checkedId(Path path) throws IOException {
    try (SnapshotFile snapshot = SnapshotFile.open(path);
        SnapshotReader reader = new SnapshotReader(snapshot)) {
      for (long at = 0; at < snapshot.dataBytes(); at += SnapshotReader.MAX_BYTES) {
        long bytes = Math.min(SnapshotReader.MAX_BYTES, snapshot.dataBytes() - at);
        var _ = reader.read(snapshot.dataOffset() + at, bytes);
      }
      return Optional.of(snapshot.id());
    } catch (SnapshotException e) {
      assertThat(e).hasMessageContaining("is not a whole snapshot");
      return Optional.empty();
    }
  }
}
