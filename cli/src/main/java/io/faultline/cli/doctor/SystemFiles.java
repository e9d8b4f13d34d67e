package io.faultline.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;

/** Reads files of the kernel, such as /proc, below a root that tests can choose. */
final class SystemFiles {
  private final Path root;

  SystemFiles(Path root) {
    this.root = root;
  }

  Path at(String absolutePath) {
    return root.resolve(absolutePath.substring(1));
  }

  /** The contents without surrounding white space; empty if the file cannot be read. */
  Optional<String> read(String absolutePath) {
    try {
      return Optional.of(Files.readString(at(absolutePath)).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  boolean exists(String absolutePath) {
    return Files.exists(at(absolutePath));
  }

  boolean isReadableAndWritable(String absolutePath) {
    Path path = at(absolutePath);
    return Files.isReadable(path) && Files.isWritable(path);
  }

  /** Whether the file's group is the given one, and may read and write it. */
  boolean isOpenToGroup(String absolutePath, String group) {
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

  /** The value of the line {@code NAME: value}, as in {@code /proc/self/status}. */
  Optional<String> field(String absolutePath, String name) {
    return read(absolutePath)
        .flatMap(text -> text.lines().filter(line -> line.startsWith(name + ":")).findFirst())
        .map(line -> line.substring(name.length() + 1).strip());
  }
}
