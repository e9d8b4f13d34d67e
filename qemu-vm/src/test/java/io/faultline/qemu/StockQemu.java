package io.faultline.qemu;

import io.faultline.qemu.process.Accelerator;
import io.faultline.qemu.process.QemuCommand;
import io.faultline.qemu.process.QemuProgram;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The QEMUs that tests use: those of tests/qemu/get-qemu.sh, else the one in the PATH. */
public final class StockQemu {
  private StockQemu() {}

  /** For parameterised tests; skips the test, with the reason, where there is none. */
  public static Stream<Path> programs() {
    List<Path> unpacked =
        Stream.of("own", "sid")
            .map(each -> project().resolve("target/qemu/" + each + "/bin/" + QemuProgram.NAME))
            .filter(Files::isExecutable)
            .toList();
    List<Path> found = unpacked.isEmpty() ? QemuProgram.find().stream().toList() : unpacked;
    Assumptions.assumeFalse(
        found.isEmpty(), "no QEMU: run tests/qemu/get-qemu.sh, or install qemu-system-x86");
    return found.stream();
  }

  /** The directory of the project. */
  public static Path project() {
    Path directory = Path.of("").toAbsolutePath();
    return Files.exists(directory.resolve("faultline"))
        ? directory
        : Objects.requireNonNull(directory.getParent());
  }

  /** A machine without a guest program: its firmware waits for a disk. */
  public static List<String> command(Path program, Path ram, int megabytes) {
    return QemuCommand.withRamInFile(
            program.toString(), Accelerator.TCG, (long) megabytes << 20, ram)
        .arguments();
  }
}
