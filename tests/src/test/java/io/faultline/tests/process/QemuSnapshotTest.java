package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.qemu.process.QemuProcess;
import io.faultline.snapshot.file.SnapshotFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code snapshot --qmp} and {@code restore --qmp}: the guest of a QEMU. */
class QemuSnapshotTest {
  private static final long RAM_BYTES = 30L << 20;
  private static final long OPERATIONS = 2_000_000;

  @RegisterExtension private final QemuGuestFiles guest = new QemuGuestFiles(RAM_BYTES, OPERATIONS);
  @RegisterExtension private final Processes processes = new Processes();

  @ParameterizedTest
  @MethodSource("io.faultline.tests.process.QemuGuestFiles#versions")
  void guestContinuesAsIfThereHadBeenNoSnapshot(String version) throws Exception {
    guest.useVersion(version);
    Path file = processes.file("vm.snap");
    try (QemuProcess qemu = guest.start("from")) {
      guest.awaitOperations(qemu.monitor(), 1);
      Result result = save(file);
      assertThat(result.number("snapshot.memory_bytes")).isEqualTo(guest.memoryBytes());
      assertThat(result.number("snapshot.file_bytes")).isEqualTo(Files.size(file));
      assertThat(status(qemu)).isEqualTo("running");
      assertThat(Descriptors.of(qemu.pid())).noneMatch(each -> each.contains("userfaultfd"));
      save(processes.file("second.snap"));
      guest.assertEqualsARunWithoutMigration(qemu.monitor(), guest.file("from.ram"));
    }
    try (SnapshotFile snapshot = SnapshotFile.open(file)) {
      assertThat(snapshot.vm().type()).isEqualTo("qemu");
    }
    try (QemuProcess restored = guest.startWaiting("to")) {
      restore(file).awaitSuccess();
      assertThat(status(restored)).isEqualTo("running");
      Result result = Result.read(processes.file("restored.json"));
      assertThat(result.text("vm")).isEqualTo("qemu");
      assertThat(result.decimal("first_instruction_ms")).isPositive();
      guest.assertEqualsARunWithoutMigration(restored.monitor(), guest.file("to.ram"));
    }
  }

  @Test
  void damagedDataEndsTheQemu() throws Exception {
    Path file = processes.file("vm.snap");
    try (QemuProcess qemu = guest.start("from")) {
      guest.awaitOperations(qemu.monitor(), 1);
      save(file);
    }
    flipAByte(file);
    try (QemuProcess restored = guest.startWaiting("to")) {
      Node node = restore(file);
      node.awaitFailure(1, Node.LIMIT);
      assertThat(node.err()).anyMatch(line -> line.contains("the checksum of the data at offset"));
      assertThat(restored.isAlive()).isFalse();
    }
  }

  /** In the middle of the data. */
  private static void flipAByte(Path file) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      long at = bytes.length() / 2;
      bytes.seek(at);
      int old = bytes.read();
      bytes.seek(at);
      bytes.write(~old);
    }
  }

  @Test
  void guestContinuesIfTheCommandIsKilled() throws Exception {
    Path fresh = processes.file("vm.snap.new");
    try (QemuProcess qemu = guest.start("from")) {
      guest.awaitOperations(qemu.monitor(), 1);
      Node killed = snapshot(processes.file("vm.snap"));
      while (!Files.exists(fresh)) {
        assertThat(killed.isAlive()).as("%s", killed).isTrue();
        Thread.sleep(1);
      }
      killed.end();
      assertThat(processes.file("vm.snap")).doesNotExist();
      var _ = qemu.monitor().execute("cont"); // it may have been paused at that instant
      guest.assertEqualsARunWithoutMigration(qemu.monitor(), guest.file("from.ram"));
    }
  }

  @Test
  void fileThatExistsStays() throws Exception {
    Path file = Files.writeString(processes.file("vm.snap"), "old");
    try (QemuProcess _ = guest.start("from")) {
      Node refused = snapshot(file);
      refused.awaitFailure(1, Node.LIMIT);
      assertThat(refused.err()).singleElement().asString().contains("exists: name another file");
    }
    assertThat(file).hasContent("old");
  }

  private Node snapshot(Path file) throws Exception {
    return processes.start(
        "snapshot",
        file.toString(),
        "--qmp=" + guest.file("from.qmp"),
        "--json=" + processes.file("snapshot.json"));
  }

  private Node restore(Path file) throws Exception {
    return processes.start(
        "restore",
        file.toString(),
        "--vm=qemu",
        "--qmp=" + guest.file("to.qmp"),
        "--json=" + processes.file("restored.json"));
  }

  private Result save(Path file) throws Exception {
    snapshot(file).awaitSuccess();
    return Result.read(processes.file("snapshot.json"));
  }

  private static String status(QemuProcess qemu) throws Exception {
    return qemu.monitor().execute("query-status").path("status").asString();
  }
}
