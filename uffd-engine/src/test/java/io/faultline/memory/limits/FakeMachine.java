package io.faultline.memory.limits;

import io.faultline.uffd.host.SystemFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of a kernel, in a directory of a test. */
record FakeMachine(Path root) {
  static final long MIB = 1 << 20;

  SystemFiles files() {
    return new SystemFiles(root);
  }

  /** Writes a file. */
  FakeMachine with(String absolutePath, String text) {
    try {
      Path file = root.resolve(absolutePath.substring(1));
      Files.createDirectories(file.getParent());
      Files.writeString(file, text + "\n");
      return this;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A cgroup of version 1. */
  FakeMachine withMemoryCgroup(String directory, long limit, long usage, long filePages) {
    return with(directory + "/memory.limit_in_bytes", Long.toString(limit))
        .with(directory + "/memory.usage_in_bytes", Long.toString(usage))
        .with(
            directory + "/memory.stat",
            "inactive_file 7\ntotal_inactive_file " + filePages + "\ntotal_active_file 0");
  }

  /** A cgroup of version 2. */
  FakeMachine withUnifiedCgroup(String directory, String limit, long usage, long filePages) {
    return with(directory + "/memory.max", limit)
        .with(directory + "/memory.current", Long.toString(usage))
        .with(directory + "/memory.stat", "inactive_file 0\nactive_file " + filePages);
  }
}
