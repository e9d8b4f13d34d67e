package io.faultline.qemu;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The QEMUs that tests use: those of tests/qemu/get-qemu.sh, else the one in the PATH. */
public final class StockQemu {
  private static final String PROGRAM = "qemu-system-x86_64";

  private StockQemu() {}

  /** For parameterised tests; skips the test, with the reason, where there is none. */
  public static Stream<Path> programs() {
    List<Path> unpacked =
        Stream.of("own", "sid")
            .map(each -> project().resolve("target/qemu/" + each + "/bin/" + PROGRAM))
            .filter(Files::isExecutable)
            .toList();
    List<Path> found = unpacked.isEmpty() ? installed() : unpacked;
    Assumptions.assumeFalse(
        found.isEmpty(), "no QEMU: run tests/qemu/get-qemu.sh, or install qemu-system-x86");
    return found.stream();
  }

  private static List<Path> installed() {
    return Stream.of(
            Objects.requireNonNullElse(System.getenv("PATH"), "").split(File.pathSeparator, -1))
        .map(directory -> Path.of(directory, PROGRAM))
        .filter(Files::isExecutable)
        .limit(1)
        .toList();
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
    return List.of(
        program.toString(),
        "-accel",
        "tcg",
        "-nodefaults",
        "-display",
        "none",
        "-machine",
        "pc,memory-backend=ram",
        "-m",
        megabytes + "M",
        "-object",
        "memory-backend-file,id=ram,share=on,size=" + megabytes + "M,mem-path=" + ram);
  }
}
