package io.faultline.cli.qemu;

import io.faultline.cli.options.UsageException;
import io.faultline.memory.Backing;
import io.faultline.uffd.PageSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A directory in a memory file system for the RAM of QEMUs: in tmpfs, or in a hugetlbfs that is
 * mounted as long as this is open. Deleted on close, with the files.
 */
final class RamDirectory implements AutoCloseable {
  private static final Path TMPFS = Path.of("/dev/shm");
  private static final String PREFIX = "faultline-qemu";
  private static final long MOUNT_SECONDS = 10;

  private final Path directory;
  private final boolean mounted;

  private RamDirectory(Path directory, boolean mounted) {
    this.directory = directory;
    this.mounted = mounted;
  }

  /**
   * Creates one.
   *
   * @param backing a named file: beside it; huge pages: in a new hugetlbfs; otherwise in /dev/shm
   * @throws UsageException if it cannot be created
   */
  static RamDirectory create(Backing backing) throws InterruptedException {
    try {
      Path file = backing.path();
      if (file != null) {
        Path parent = Objects.requireNonNull(file.toAbsolutePath().getParent(), "no directory");
        return new RamDirectory(Files.createTempDirectory(parent, PREFIX), false);
      }
      PageSize size = backing.pageSize();
      if (!size.isHuge()) {
        return new RamDirectory(Files.createTempDirectory(TMPFS, PREFIX), false);
      }
      return mount(1L << (size.shift() - 20));
    } catch (IOException e) {
      throw new UsageException("--backing " + backing + ": no file for it: " + e.getMessage());
    }
  }

  private static RamDirectory mount(long pageMib) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory(PREFIX);
    String options = "pagesize=" + pageMib + "M";
    if (!run("mount", "-t", "hugetlbfs", "-o", options, "none", directory.toString())) {
      Files.delete(directory);
      throw new UsageException(
          "--backing: mounting a hugetlbfs for QEMU needs root; mount one yourself (mount -t"
              + " hugetlbfs -o "
              + options
              + " none DIR), and use --backing file:DIR/ram");
    }
    return new RamDirectory(directory, true);
  }

  Path file(String name) {
    return directory.resolve(name);
  }

  @Override
  public void close() throws IOException {
    try (var files = Files.list(directory)) {
      List<Path> all = files.toList();
      for (Path each : all) {
        Files.delete(each);
      }
    }
    try {
      if (mounted && !run("umount", directory.toString())) {
        throw new IOException("cannot unmount " + directory);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Files.delete(directory);
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return process.waitFor(MOUNT_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
  }
}
