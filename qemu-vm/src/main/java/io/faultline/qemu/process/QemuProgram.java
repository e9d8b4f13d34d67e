package io.faultline.qemu.process;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/** Programs on this machine, such as the QEMU that is installed. */
public final class QemuProgram {
  /** Its name. */
  public static final String NAME = "qemu-system-x86_64";

  /** The command that installs it. */
  public static final String REMEDY = "sudo apt-get install qemu-system-x86";

  private QemuProgram() {}

  /** The first one in the {@code PATH}; empty if there is none. */
  public static Optional<Path> find() {
    return find(NAME);
  }

  /** The first program of a name in the {@code PATH}; empty if there is none. */
  public static Optional<Path> find(String name) {
    return find(name, Objects.requireNonNullElse(System.getenv("PATH"), ""));
  }

  /** The first file of a name that can be executed in directories, separated by colons. */
  static Optional<Path> find(String name, String path) {
    return Arrays.stream(path.split(File.pathSeparator, -1))
        .map(directory -> Path.of(directory, name).toAbsolutePath())
        .filter(QemuProgram::isProgram)
        .findFirst();
  }

  /** Whether a file can be executed. */
  public static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
