package io.faultline.cli.options;

import io.faultline.memory.Backing;
import io.faultline.uffd.PageSize;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Parses backings of guest memory: {@code anonymous}, {@code shmem}, {@code hugetlb-2m}, {@code
 * hugetlb-1g}, or {@code file:PATH} with a path in tmpfs or hugetlbfs.
 */
final class Backings {
  private static final String FILE = "file:";

  private Backings() {}

  /**
   * Parses a backing. A file has the page size of its file system.
   *
   * @throws IllegalArgumentException if it is none; the message is for the user
   */
  static Backing parse(String text) {
    return switch (text) {
      case "anonymous" -> Backing.ANONYMOUS;
      case "shmem" -> Backing.SHMEM;
      case "hugetlb-2m" -> Backing.HUGETLB_2M;
      case "hugetlb-1g" -> Backing.HUGETLB_1G;
      default -> file(text);
    };
  }

  private static Backing file(String text) {
    if (!text.startsWith(FILE) || text.length() == FILE.length()) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is not a backing: use anonymous, shmem, hugetlb-2m, hugetlb-1g or file:PATH");
    }
    try {
      Path path = Path.of(text.substring(FILE.length())).toAbsolutePath();
      return Backing.file(path, pageSizeAt(path));
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'" + text + "' is not a path: " + e.getReason(), e);
    }
  }

  private static PageSize pageSizeAt(Path path) {
    Path directory = path.getParent();
    if (directory == null || !Files.isDirectory(directory) || Files.isDirectory(path)) {
      throw new IllegalArgumentException(
          path + " cannot be a memory file: it must be a file in an existing directory");
    }
    try {
      FileStore store = Files.getFileStore(directory);
      return pageSize(store.type(), store.getBlockSize(), path);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "cannot determine the file system of " + directory + ": " + e, e);
    }
  }

  static PageSize pageSize(String fileSystem, long blockBytes, Path path) {
    if (fileSystem.equals("tmpfs")) {
      return PageSize.BASE;
    }
    if (!fileSystem.equals("hugetlbfs")) {
      throw new IllegalArgumentException(
          path
              + " is on "
              + fileSystem
              + ", which is not memory: use a path in /dev/shm or in hugetlbfs");
    }
    for (PageSize size : PageSize.values()) {
      if (size.isHuge() && blockBytes == 1L << size.shift()) {
        return size;
      }
    }
    throw new IllegalArgumentException(
        path + " has pages of " + blockBytes + " bytes: only 2 MiB and 1 GiB are supported");
  }
}
