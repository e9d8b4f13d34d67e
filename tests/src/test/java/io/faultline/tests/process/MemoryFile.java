package io.faultline.tests.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A name in a memory file system, where nothing is when it is made and when it is closed. */
record MemoryFile(Path path) implements AutoCloseable {
  private static final Path SHM = Path.of("/dev/shm");

  static MemoryFile named(String name) {
    assumeTrue(Files.isWritable(SHM), SHM + " is no directory that can be written to");
    return new MemoryFile(
        SHM.resolve("faultline-test-" + name + "-" + ProcessHandle.current().pid()));
  }

  String asBacking() {
    return "--backing=file:" + path;
  }

  /** The files of this name that there are, also of what is beside RAM. */
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
