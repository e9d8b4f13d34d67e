package io.faultline.uffd;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The files of a pool in {@code /sys/kernel/mm/hugepages} ({@code
 * Documentation/admin-guide/mm/hugetlbpage.rst}), locked against other users of this class in any
 * process.
 *
 * <p>The lock is on {@code nr_overcommit_hugepages}, which this process opens nowhere else: closing
 * any descriptor of a file releases all locks of the process on it (fcntl(2)).
 */
final class HugePagePoolFiles implements AutoCloseable {
  /** Excludes threads of this process: file locks exclude processes only. */
  private static final ReentrantLock THREADS = new ReentrantLock();

  private final Path directory;
  private final FileChannel channel;
  private final FileLock lock;

  private HugePagePoolFiles(Path directory, FileChannel channel, FileLock lock) {
    this.directory = directory;
    this.channel = channel;
    this.lock = lock;
  }

  /** Waits for the lock, which is held only while the size changes. */
  static HugePagePoolFiles lock(Path directory) throws IOException {
    THREADS.lock();
    try {
      FileChannel channel =
          FileChannel.open(directory.resolve("nr_overcommit_hugepages"), StandardOpenOption.WRITE);
      try {
        return new HugePagePoolFiles(directory, channel, channel.lock());
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      THREADS.unlock();
      throw e;
    }
  }

  /** The number of pages in the pool, including surplus pages. */
  long total() throws IOException {
    return number("nr_hugepages");
  }

  /**
   * The number of pages that stay in the pool when free: the configured size, if it was reached.
   */
  long persistent() throws IOException {
    return total() - number("surplus_hugepages");
  }

  /** Sets the number of persistent pages; the kernel may reach fewer. */
  void resize(long pages) throws IOException {
    Files.writeString(directory.resolve("nr_hugepages"), Long.toString(pages));
  }

  @Override
  public void close() throws IOException {
    try {
      lock.release();
      channel.close();
    } finally {
      THREADS.unlock();
    }
  }

  private long number(String file) throws IOException {
    return Long.parseLong(Files.readString(directory.resolve(file)).strip());
  }
}
