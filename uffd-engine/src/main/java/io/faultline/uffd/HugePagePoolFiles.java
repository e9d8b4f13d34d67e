package io.faultline.uffd;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A pool's files in {@code /sys/kernel/mm/hugepages} ({@code
 * Documentation/admin-guide/mm/hugetlbpage.rst}), locked against other processes that change its
 * size through this class.
 *
 * <p>The lock is on {@code nr_overcommit_hugepages}, which nobody here opens otherwise: closing any
 * descriptor of a file ends all locks that the process has on it (fcntl(2)).
 */
final class HugePagePoolFiles implements AutoCloseable {
  /** File locks are the process's: threads have to agree among themselves. */
  private static final ReentrantLock THREADS = new ReentrantLock();

  private final Path directory;
  private final FileChannel channel;
  private final FileLock lock;

  private HugePagePoolFiles(Path directory, FileChannel channel, FileLock lock) {
    this.directory = directory;
    this.channel = channel;
    this.lock = lock;
  }

  static Path directory(PageSize pageSize) {
    return Path.of("/sys/kernel/mm/hugepages/hugepages-" + (1L << (pageSize.shift() - 10)) + "kB");
  }

  /** Waits for the lock, which others hold no longer than it takes to change the size. */
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

  /** Pages in the pool, surplus pages among them. */
  long total() throws IOException {
    return number("nr_hugepages");
  }

  /** Pages that stay in the pool when nobody uses them: the size that was set, if it was had. */
  long persistent() throws IOException {
    return total() - number("surplus_hugepages");
  }

  /** Sets the number of persistent pages; the kernel may come to fewer. */
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
