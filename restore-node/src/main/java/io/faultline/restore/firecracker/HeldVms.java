package io.faultline.restore.firecracker;

import io.faultline.uffd.linux.process.FileLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory from which another handler takes over: one below it for each VM. One handler at a
 * time uses it. Thread-safe.
 */
final class HeldVms implements AutoCloseable {
  private static final String PREFIX = "vm-";

  /** A handler that was killed may need this time to exit. */
  private static final long LOCK_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long LOCK_POLL_MILLIS = 5;

  private final Path directory;
  private final FileLock lock;

  private HeldVms(Path directory, FileLock lock) {
    this.directory = directory;
    this.lock = lock;
  }

  /**
   * Opens the directory; creates it if it does not exist.
   *
   * @throws IOException if it cannot be written, or another handler uses it; the message is for the
   *     user
   */
  static HeldVms open(Path directory) throws IOException {
    Files.createDirectories(directory);
    Path file = directory.resolve("lock");
    if (!Files.exists(file)) {
      Files.writeString(file, "");
    }
    FileLock lock = take(file);
    if (lock == null) {
      throw new IOException(
          directory + ": another handler uses it: end that one, or choose another directory");
    }
    return new HeldVms(directory, lock);
  }

  private static @Nullable FileLock take(Path file) throws IOException {
    long start = System.nanoTime();
    FileLock lock = FileLock.take(file);
    try {
      while (lock == null && System.nanoTime() - start < LOCK_NANOS) {
        Thread.sleep(LOCK_POLL_MILLIS);
        lock = FileLock.take(file);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while an earlier handler ended", e);
    }
    return lock;
  }

  /** Starts to hold a VM. */
  HeldVm create(VmId vm, Handshake handshake) throws IOException {
    return HeldVm.create(directory.resolve(PREFIX + vm.pid() + "-" + vm.startTicks()), handshake);
  }

  /** The directories of VMs of earlier handlers. */
  List<Path> earlier() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return new ArrayList<>(
          files
              .filter(file -> String.valueOf(file.getFileName()).startsWith(PREFIX))
              .sorted()
              .toList());
    }
  }

  @Override
  public void close() {
    lock.close();
  }
}
