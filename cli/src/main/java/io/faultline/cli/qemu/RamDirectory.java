package io.faultline.cli.qemu;

import io.faultline.cli.options.UsageException;
import io.faultline.memory.Backing;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.FileLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A directory in a memory file system for the RAM of QEMUs: in tmpfs, or in a hugetlbfs that is
 * mounted as long as this is open. Deleted on close and at the end of this JVM, with the files; if
 * this process is killed, by the next one that needs such a directory at the same place.
 */
public final class RamDirectory implements AutoCloseable {
  private static final Path TMPFS = Path.of("/dev/shm");
  static final String PREFIX = "faultline-qemu-ram";
  private static final long MOUNT_SECONDS = 10;

  private final Path directory;
  private final boolean mounted;
  private final FileLock lock;
  private final Thread hook = new Thread(this::removeAtExit, "remove-ram-of-qemu");

  private RamDirectory(Path directory, boolean mounted) throws IOException {
    this.directory = directory;
    this.mounted = mounted;
    lock = lock(directory);
    Runtime.getRuntime().addShutdownHook(hook);
    AbandonedRam.removeBeside(directory);
  }

  /** As long as this process lives, the directory is in use. */
  private static FileLock lock(Path directory) throws IOException {
    try {
      return Objects.requireNonNull(FileLock.take(directory), "another process has the lock");
    } catch (SystemCallException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Creates one.
   *
   * @param backing a named file: beside it; huge pages: in a new hugetlbfs; otherwise in /dev/shm
   * @throws UsageException if it cannot be created
   */
  public static RamDirectory create(Backing backing) throws InterruptedException {
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
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the JVM is shutting down: the hook removes the files
    }
    remove("umount");
  }

  /** The QEMUs may not have ended yet: their file system goes when they have. */
  private void removeAtExit() {
    try {
      remove("umount", "--lazy");
    } catch (IOException e) {
      throw new UncheckedIOException(e); // for the JVM's handler of uncaught exceptions
    }
  }

  private void remove(String... unmount) throws IOException {
    lock.close(); // an open directory keeps its file system busy
    remove(directory, mounted, unmount);
  }

  /** Removes a directory with its files. */
  static void remove(Path directory, boolean mounted, String... unmount) throws IOException {
    try (var files = Files.list(directory)) {
      List<Path> all = files.toList();
      for (Path each : all) {
        Files.deleteIfExists(each);
      }
    }
    try {
      if (mounted && !run(with(unmount, directory.toString()))) {
        throw new IOException("cannot unmount " + directory);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Files.delete(directory);
  }

  private static String[] with(String[] command, String last) {
    String[] all = Arrays.copyOf(command, command.length + 1);
    all[command.length] = last;
    return all;
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
