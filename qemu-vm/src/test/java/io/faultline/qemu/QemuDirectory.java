package io.faultline.qemu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A directory in a memory file system, with a short path, for the RAM and the sockets of QEMUs. */
public final class QemuDirectory implements BeforeEachCallback, AfterEachCallback {
  private @Nullable Path directory;

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    directory = Files.createTempDirectory(Path.of("/dev/shm"), "fl-qemu");
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    List<Path> files;
    try (Stream<Path> list = Files.list(path())) {
      files = list.toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(path());
  }

  public Path path() {
    Path current = directory;
    if (current == null) {
      throw new IllegalStateException("not in a test");
    }
    return current;
  }

  public Path file(String name) {
    return path().resolve(name);
  }
}
