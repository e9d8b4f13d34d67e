package io.faultline.uffd.linux;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A file that is read and written past the page cache (O_DIRECT) if its file system can, at native
 * addresses, without allocating. Transfers that are not aligned go through the page cache.
 *
 * <p>Thread-safe, except {@link #close}.
 */
public final class DirectFile implements AutoCloseable {
  private static final int FILE_MODE = 0600;

  private final Path path;
  private final boolean readOnly;
  private final int buffered;
  private final int direct;
  private final int alignmentBytes;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile @Nullable IOException syncFailure;

  private DirectFile(Path path, boolean readOnly, int buffered, int direct, int alignmentBytes) {
    this.path = path;
    this.readOnly = readOnly;
    this.buffered = buffered;
    this.direct = direct;
    this.alignmentBytes = alignmentBytes;
  }

  /**
   * Opens a file for reading and writing, or creates an empty one.
   *
   * @param alignmentBytes of offsets, lengths and addresses for direct transfers, a power of two
   * @throws SystemCallException with the errno of open(2)
   */
  public static DirectFile open(Path path, int alignmentBytes) {
    return open(path, Libc.O_RDWR | Libc.O_CREAT, alignmentBytes);
  }

  /** As {@link #open(Path, int)}, for a file that exists. */
  public static DirectFile openExisting(Path path, int alignmentBytes) {
    return open(path, Libc.O_RDWR, alignmentBytes);
  }

  /** As {@link #openExisting}, for reading alone. */
  public static DirectFile openReadOnly(Path path, int alignmentBytes) {
    return open(path, Libc.O_RDONLY, alignmentBytes);
  }

  private static DirectFile open(Path path, int access, int alignmentBytes) {
    int flags = access | Libc.O_CLOEXEC;
    int buffered = Libc.open(path.toString(), flags, FILE_MODE);
    if (buffered < 0) {
      throw new SystemCallException("open(" + path + ")", -buffered);
    }
    int again = (flags & ~Libc.O_CREAT) | directFlag();
    int direct = Math.max(-1, Libc.open(path.toString(), again, 0));
    return new DirectFile(path, access == Libc.O_RDONLY, buffered, direct, alignmentBytes);
  }

  private static int directFlag() {
    return System.getProperty("os.arch").equals("aarch64")
        ? FileCalls.O_DIRECT_ARM
        : FileCalls.O_DIRECT_X86;
  }

  /** Whether aligned transfers bypass the page cache. */
  public boolean isDirect() {
    return direct >= 0;
  }

  /**
   * Locks the file against everybody else who calls this, in this process or another (flock(2)). A
   * file that is open for reading alone is locked against those who write.
   *
   * @return false if it is locked
   */
  public boolean tryLock() {
    int lock = readOnly ? FileCalls.LOCK_SHARED_NOW : FileCalls.LOCK_EXCLUSIVE_NOW;
    int result = FileCalls.flock(buffered, lock);
    if (result < 0 && result != -Errno.EAGAIN) {
      throw new SystemCallException("flock(" + path + ")", -result);
    }
    return result == 0;
  }

  public Path path() {
    return path;
  }

  /**
   * The length of a file or block device; 0 for other devices.
   *
   * @throws SystemCallException if it has none, as a pipe
   */
  public long sizeBytes() {
    long size = Libc.lseek(buffered, 0, FileCalls.SEEK_END);
    if (size < 0) {
      throw new SystemCallException("lseek(" + path + ")", (int) -size);
    }
    return size;
  }

  /** Sets the size; new bytes are a hole. */
  public void setSize(long bytes) throws IOException {
    check("ftruncate", Libc.ftruncate(buffered, bytes), 0, bytes);
  }

  /**
   * Makes a range a hole, which reads as zeros.
   *
   * @return false if the file system or device has no holes
   */
  public boolean punchHole(long offset, long bytes) throws IOException {
    int mode = Libc.FALLOC_FL_PUNCH_HOLE | Libc.FALLOC_FL_KEEP_SIZE;
    int result = Libc.fallocate(buffered, mode, offset, bytes);
    if (result == -Errno.EOPNOTSUPP) {
      return false;
    }
    check("fallocate(PUNCH_HOLE)", result, offset, bytes);
    return true;
  }

  /**
   * Reads.
   *
   * @return the bytes read: less than {@code bytes} only at the end of the file
   */
  public long read(long offset, long address, long bytes) throws IOException {
    long done = 0;
    while (done < bytes) {
      int fd = choose(offset + done, address + done, bytes - done);
      long read = FileCalls.plainPread(fd, address + done, bytes - done, offset + done);
      if (read < 0) {
        read = Libc.pread(fd, address + done, bytes - done, offset + done); // again, for the errno
        if (read == -Errno.EINTR) {
          continue;
        }
      }
      check("pread", read, offset + done, bytes - done);
      if (read == 0) {
        break;
      }
      done += read;
    }
    return done;
  }

  /** Writes everything. */
  public void write(long offset, long address, long bytes) throws IOException {
    long done = 0;
    while (done < bytes) {
      int fd = choose(offset + done, address + done, bytes - done);
      long written = FileCalls.plainPwrite(fd, address + done, bytes - done, offset + done);
      if (written <= 0) {
        written = FileCalls.pwrite(fd, address + done, bytes - done, offset + done);
        if (written == -Errno.EINTR) {
          continue;
        }
        check("pwrite", written == 0 ? -Errno.EIO : written, offset + done, bytes - done);
      }
      done += written;
    }
  }

  /**
   * Makes everything written durable (fdatasync(2)). After it has failed once it always fails: the
   * kernel reports a failed write only once, and forgets what it could not write.
   */
  public void sync() throws IOException {
    IOException earlier = syncFailure;
    if (earlier != null) {
      throw new IOException("an earlier sync failed: " + earlier.getMessage(), earlier);
    }
    try {
      check("fdatasync", FileCalls.fdatasync(buffered), 0, 0);
    } catch (IOException e) {
      syncFailure = e;
      throw e;
    }
  }

  private int choose(long offset, long address, long bytes) {
    boolean aligned = ((offset | address | bytes) & (alignmentBytes - 1)) == 0;
    return aligned && direct >= 0 ? direct : buffered;
  }

  private void check(String call, long result, long offset, long bytes) throws IOException {
    if (result < 0) {
      String where = call + "(" + path + ", offset " + offset + ", " + bytes + " bytes)";
      throw new IOException(where + " failed: " + Errno.name((int) -result));
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      if (direct >= 0) {
        Libc.close(direct);
      }
      Libc.close(buffered);
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
