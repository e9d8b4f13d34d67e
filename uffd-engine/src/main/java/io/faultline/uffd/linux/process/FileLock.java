package io.faultline.uffd.linux.process;

import static io.faultline.uffd.linux.NativeCalls.bind;
import static io.faultline.uffd.linux.NativeCalls.capture;
import static io.faultline.uffd.linux.NativeCalls.result;
import static io.faultline.uffd.linux.NativeCalls.unexpected;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.FileDescriptors;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * An exclusive lock on a file (flock(2)), which the kernel releases when this process ends, however
 * it ends. Works on every local file system, tmpfs and hugetlbfs among them, and changes nothing in
 * it. Unlike {@link java.nio.channels.FileLock}, it is not lost when this process closes another
 * descriptor of the same file. Programs that do not ask for it do not notice it.
 *
 * <p>Thread-safe.
 */
public final class FileLock implements AutoCloseable {
  private static final int READ_ONLY = 0;

  /** LOCK_EX and LOCK_NB of {@code include/uapi/asm-generic/fcntl.h}. */
  private static final int EXCLUSIVE_OR_FAIL = 2 | 4;

  private static final MethodHandle FLOCK =
      bind("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  private final int descriptor;
  private final AtomicBoolean closed = new AtomicBoolean();

  private FileLock(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Takes the lock.
   *
   * @return null if it is taken, by this process or by another one
   * @throws SystemCallException if the file cannot be read
   */
  public static @Nullable FileLock take(Path file) {
    int descriptor = FileDescriptors.open(file, READ_ONLY);
    int result = flock(descriptor);
    if (result == 0) {
      return new FileLock(descriptor);
    }
    FileDescriptors.close(descriptor);
    if (result == -Errno.EAGAIN) {
      return null;
    }
    throw new SystemCallException("flock(" + file + ")", -result);
  }

  private static int flock(int descriptor) {
    try {
      return result((int) FLOCK.invokeExact(capture(), descriptor, EXCLUSIVE_OR_FAIL));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Releases it. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      FileDescriptors.close(descriptor);
    }
  }
}
