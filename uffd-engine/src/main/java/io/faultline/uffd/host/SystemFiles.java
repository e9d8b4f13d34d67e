package io.faultline.uffd.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads files of the kernel, such as /proc, below a root that tests can choose. Paths are absolute.
 * Thread-safe.
 */
public final class SystemFiles {
  private final Path root;

  /** Of this machine. */
  public static SystemFiles ofThisMachine() {
    return new SystemFiles(Path.of("/"));
  }

  /**
   * Files below a directory.
   *
   * @param root stands for {@code /}
   */
  public SystemFiles(Path root) {
    this.root = root;
  }

  /** Where a file is. */
  public Path at(String absolutePath) {
    return root.resolve(absolutePath.substring(1));
  }

  /** The contents without surrounding white space; empty if the file cannot be read. */
  public Optional<String> read(String absolutePath) {
    try {
      return Optional.of(Files.readString(at(absolutePath)).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Whether a file exists. */
  public boolean exists(String absolutePath) {
    return Files.exists(at(absolutePath));
  }

  /** Whether this process may read and write a file. */
  public boolean isReadableAndWritable(String absolutePath) {
    Path path = at(absolutePath);
    return Files.isReadable(path) && Files.isWritable(path);
  }

  /** Whether the file's group is the given one, and may read and write it. */
  public boolean isOpenToGroup(String absolutePath, String group) {
    try {
      PosixFileAttributes attributes =
          Files.readAttributes(at(absolutePath), PosixFileAttributes.class);
      return attributes.group().getName().equals(group)
          && attributes.permissions().contains(PosixFilePermission.GROUP_READ)
          && attributes.permissions().contains(PosixFilePermission.GROUP_WRITE);
    } catch (IOException e) {
      return false;
    }
  }

  /** The number in a file; empty if it cannot be read or is no number, such as {@code max}. */
  public OptionalLong number(String absolutePath) {
    return read(absolutePath).map(SystemFiles::parsed).orElse(OptionalLong.empty());
  }

  private static OptionalLong parsed(String text) {
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** The value of the line {@code NAME: 123 kB}, in bytes; empty if there is none. */
  public OptionalLong kibibytes(String absolutePath, String name) {
    Optional<String> value = field(absolutePath, name).filter(text -> text.endsWith(" kB"));
    OptionalLong number =
        value
            .map(text -> parsed(text.substring(0, text.length() - 3).strip()))
            .orElse(OptionalLong.empty());
    return number.isEmpty() ? number : OptionalLong.of(number.getAsLong() << 10);
  }

  /** The value of the line {@code NAME: value}, as in {@code /proc/self/status}. */
  public Optional<String> field(String absolutePath, String name) {
    return read(absolutePath)
        .flatMap(text -> text.lines().filter(line -> line.startsWith(name + ":")).findFirst())
        .map(line -> line.substring(name.length() + 1).strip());
  }
}
