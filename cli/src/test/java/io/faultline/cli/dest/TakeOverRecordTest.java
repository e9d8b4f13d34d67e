package io.faultline.cli.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.faultline.dest.takeover.MigrationIdentity;
import io.faultline.qemu.vm.RunningQemu;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TakeOverRecordTest {
  private static final TakeOverRecord RECORD =
      new TakeOverRecord(
          new MigrationIdentity(
              ByteString.copyFromUtf8("hello"),
              "CN=source",
              ByteString.copyFromUtf8("key"),
              ByteString.copyFromUtf8("description")),
          new RunningQemu(42, 4711, Path.of("/run/guest.qmp"), Path.of("/dev/shm/guest.ram")),
          new MachineRun("boot", "pid:[1]"),
          "[::1]:4747",
          true);

  @TempDir private Path directory;

  @Test
  void recordIsReadAsItWasWritten() throws Exception {
    Path file = directory.resolve("record");
    RECORD.write(file);
    assertThat(TakeOverRecord.read(file)).isEqualTo(RECORD);
    assertThat(Files.getPosixFilePermissions(file))
        .as("it has the key of the migration")
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(directory.toFile().list()).containsExactly("record");
  }

  @Test
  void damagedRecordIsRefused() throws Exception {
    Path file = directory.resolve("record");
    Files.writeString(file, "{");
    assertThatThrownBy(() -> TakeOverRecord.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("damaged");
    Files.writeString(file, "{\"version\":2}");
    assertThatThrownBy(() -> TakeOverRecord.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another version");
  }
}
