package io.faultline.tests.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A path in /dev/shm for the memory of a VM; closing deletes the files. */
record MemoryFile(Path path) implements AutoCloseable {
  private static final Path SHM = Path.of("/dev/shm");

  static MemoryFile named(String name) {
    assumeTrue(Files.isWritable(SHM), SHM + " is not a writable directory");
    return new MemoryFile(
        SHM.resolve("faultline-test-" + name + "-" + ProcessHandle.current().pid()));
  }

  String asBacking() {
    return "--backing=file:" + path;
  }

  /** The existing files with this name, including those of the other regions of a KVM VM. */
  List<Path> present() {
    return List.of("", ".low", ".rom").stream()
        .map(suffix -> path.resolveSibling(path.getFileName() + suffix))
        .filter(Files::exists)
        .toList();
  }

  @Override
  public void close() throws IOException {
    for (Path file : present()) {
      Files.delete(file);
    }
  }
}
