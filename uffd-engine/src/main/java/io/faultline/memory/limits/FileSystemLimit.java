package io.faultline.memory.limits;

import io.faultline.memory.Backing;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The room in the tmpfs or hugetlbfs of a named memory file. */
final class FileSystemLimit {
  private FileSystemLimit() {}

  /** Empty for memory without a name, and for a file system without a size of its own. */
  static Optional<MemoryLimit> of(Backing backing) {
    Path path = backing.path();
    Path directory = path == null ? null : path.toAbsolutePath().getParent();
    if (path == null || directory == null) {
      return Optional.empty();
    }
    try {
      FileStore store = Files.getFileStore(directory);
      if (store.getTotalSpace() == 0) {
        return Optional.empty();
      }
      long existing = Files.exists(path) ? Files.size(path) : 0; // is replaced
      return Optional.of(
          new MemoryLimit(
              "file system of " + path,
              "size= of the " + store.type() + " mount that holds " + directory,
              store.getUsableSpace() + existing,
              "mount it with a larger size",
              MemoryLimit.Scope.PROCESS,
              demand -> demand.bytesOf(backing)));
    } catch (IOException e) {
      return Optional.empty(); // creating the file will say why
    }
  }
}
