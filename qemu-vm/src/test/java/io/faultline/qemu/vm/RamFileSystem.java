package io.faultline.qemu.vm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A memory file system of its own for the RAM of QEMUs, which shows what is left in it. */
final class RamFileSystem implements AutoCloseable {
  private final Path directory;

  private RamFileSystem(Path directory) {
    this.directory = directory;
  }

  /**
   * Mounts one on a new directory.
   *
   * @param type tmpfs or hugetlbfs, with pages of 2 MiB
   * @throws IOException if this user may not mount
   */
  static RamFileSystem mount(Path directory, String type, long sizeBytes)
      throws IOException, InterruptedException {
    Files.createDirectory(directory);
    String options = (type.equals("tmpfs") ? "size=" : "pagesize=2M,size=") + sizeBytes;
    try {
      run("mount", "-t", type, "-o", options, "none", directory.toString());
    } catch (IOException e) {
      Files.delete(directory);
      throw e;
    }
    return new RamFileSystem(directory);
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  List<Path> files() throws IOException {
    try (Stream<Path> list = Files.list(directory)) {
      return list.toList();
    }
  }

  /** The bytes that files take, also deleted ones that somebody still maps. */
  long usedBytes() throws IOException {
    var store = Files.getFileStore(directory);
    return store.getTotalSpace() - store.getUnallocatedSpace();
  }

  @Override
  public void close() throws IOException {
    try {
      run("umount", directory.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted before " + directory + " was unmounted", e);
    }
    Files.delete(directory);
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + said);
    }
  }
}
