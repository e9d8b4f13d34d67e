package io.faultline.cli.options;

import io.faultline.memory.Backing;
import io.faultline.uffd.PageSize;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Backings on the command line: {@code anonymous}, {@code shmem}, {@code hugetlb-2m}, {@code
 * hugetlb-1g}, or {@code file:PATH} with a path in tmpfs or hugetlbfs.
 */
final class Backings {
  private static final String FILE = "file:";

  private Backings() {}

  /**
   * Reads a backing. The page size of a named file is what its file system has.
   *
   * @throws IllegalArgumentException with what is wrong, for the user
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
              + "' is no kind of memory: use anonymous, shmem, hugetlb-2m, hugetlb-1g or"
              + " file:PATH");
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
          path + " cannot be a memory file: it has to be a file in a directory that is there");
    }
    try {
      FileStore store = Files.getFileStore(directory);
      return pageSize(store.type(), store.getBlockSize(), path);
    } catch (IOException e) {
      throw new IllegalArgumentException(directory + " cannot be asked for its type: " + e, e);
    }
  }

  static PageSize pageSize(String fileSystem, long blockBytes, Path path) {
    if (fileSystem.equals("tmpfs")) {
      return PageSize.BASE;
    }
    if (!fileSystem.equals("hugetlbfs")) {
      throw new IllegalArgumentException(
          path
              + " is in a file system on "
              + fileSystem
              + ", not in memory: use a path in /dev/shm or in hugetlbfs");
    }
    for (PageSize size : PageSize.values()) {
      if (size.isHuge() && blockBytes == 1L << size.shift()) {
        return size;
      }
    }
    throw new IllegalArgumentException(
        path + " has pages of " + blockBytes + " bytes: 2 MiB and 1 GiB are supported");
  }
}
