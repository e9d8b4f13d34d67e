package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file system of the destination's memory is filled by somebody else. */
class FullFileSystemTest {
  private static final int RAM_MIB = 64;
  private static final int FILE_SYSTEM_MIB = RAM_MIB + 8;

  @RegisterExtension private final Processes processes = new Processes();

  /**
   * With placement continue a store through the mapping raises SIGBUS, and a read into it returns
   * EFAULT; a copy returns ENOMEM.
   */
  @ParameterizedTest
  @ValueSource(strings = {"continue", "copy"})
  void placingPausesUntilTheFileSystemHasRoomAgain(String placement) throws Exception {
    Path directory = processes.file("small");
    Mounts.mount(directory, "tmpfs", "size=" + FILE_SYSTEM_MIB + "m");
    Path json = processes.file("dest.json");
    Node dest = dest(directory, json);
    try {
      Node source = source(dest, placement);
      ControlSocket control = ControlSocket.of(source, processes.defaultState());
      control.awaitStatus("postcopy-active");
      Path ballast = directory.resolve("ballast");
      String problem = Shell.run("dd", "if=/dev/zero", "of=" + ballast, "bs=64k", "status=none");
      assertThat(problem).contains("No space left on device");
      control.release();
      dest.awaitError("paused placing: no memory for page");
      Files.delete(ballast);
      source.awaitSuccess();
      dest.awaitSuccess();
      assertThat(dest.err())
          .anyMatch(line -> line.contains("the file system of " + directory))
          .anyMatch(line -> line.contains("memory is there again: placing continues after"))
          .noneMatch(line -> line.contains("connection lost"));
      Result result = Result.read(json);
      result.assertVerified();
      assertThat(result.number("memory_waits")).isPositive();
    } finally {
      dest.end();
      Mounts.unmount(directory);
    }
  }

  private Node dest(Path directory, Path json) throws Exception {
    return processes.start(
        "dest",
        "--listen=127.0.0.1:0",
        "--backing=file:" + directory.resolve("ram"),
        "--rehearsal=0ms",
        "--run-on=20ms",
        "--json=" + json);
  }

  private Node source(Node dest, String placement) throws Exception {
    return processes.start(
        "source",
        "--to=127.0.0.1:" + dest.awaitPort(),
        "--ram=" + RAM_MIB + "m",
        "--working-set=" + RAM_MIB + "m",
        "--zero-fraction=0",
        "--backing=shmem",
        "--place=" + placement,
        "--mode=postcopy",
        "--workload=uniform",
        "--pace=20", // requests do not fill the file system before the ballast does
        ControlSocket.HELD,
        "--rehearsal=0ms",
        "--quiet");
  }
}
