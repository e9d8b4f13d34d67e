package io.faultline.memory.limits;

import io.faultline.memory.Backing;
import io.faultline.memory.limits.MemoryLimit.Counted;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The room in the tmpfs or hugetlbfs of a named memory file. All files of one file system share it:
 * tmpfs counts pages when they are used, hugetlbfs all of a file when it is mapped.
 */
final class FileSystemLimit {
  private FileSystemLimit() {}

  /** Empty for memory without a name, and for a file system without a size of its own. */
  static Optional<MemoryLimit> of(Backing backing) {
    Path path = backing.path();
    if (path == null) {
      return Optional.empty();
    }
    try {
      Path directory = directory(path);
      FileStore store = Files.getFileStore(directory);
      if (store.getTotalSpace() == 0) {
        return Optional.empty();
      }
      long used = store.getTotalSpace() - store.getUsableSpace();
      long existing = Files.exists(path) ? Math.min(used, Files.size(path)) : 0; // is replaced
      Object device = device(directory);
      return Optional.of(
          new MemoryLimit(
              "file system of " + path,
              "size= of the " + store.type() + " mount that holds " + directory,
              store.getUsableSpace() + existing,
              _ -> "mount it with a larger size",
              MemoryLimit.Scope.FILE_SYSTEM,
              backing.pageSize().isHuge() ? Counted.WHEN_MAPPED : Counted.WHEN_USED,
              demand -> bytesOn(device, demand)));
    } catch (IOException e) {
      return Optional.empty(); // creating the file will say why
    }
  }

  private static long bytesOn(Object device, MemoryDemand demand) {
    long bytes = 0;
    for (Map.Entry<Backing, Long> each : demand.guestBytes().entrySet()) {
      Path path = each.getKey().path();
      if (path != null && isOn(device, path)) {
        bytes += each.getValue();
      }
    }
    return bytes;
  }

  private static boolean isOn(Object device, Path path) {
    try {
      return device.equals(device(directory(path)));
    } catch (IOException e) {
      return false; // another process had a file there, and the directory is gone
    }
  }

  private static Path directory(Path path) throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException(path + " is a directory");
    }
    return directory;
  }

  /** The number of the device, st_dev of stat(2). */
  private static Object device(Path directory) throws IOException {
    return Files.getAttribute(directory, "unix:dev");
  }
}
