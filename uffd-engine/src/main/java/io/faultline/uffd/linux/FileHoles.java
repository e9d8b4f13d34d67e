package io.faultline.uffd.linux;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * The parts of a file for which its file system has no blocks: they read as zeros (lseek(2),
 * SEEK_DATA and SEEK_HOLE). A file system that does not know its holes reports none. Thread-safe.
 */
public final class FileHoles implements WrittenStretches.Holes, AutoCloseable {
  private static final int READ_ONLY = 0;
  private static final int SEEK_END = 2; // include/uapi/linux/fs.h
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private final int descriptor;

  private FileHoles(int descriptor) {
    this.descriptor = descriptor;
  }

  /**
   * Opens a file.
   *
   * @throws SystemCallException if it cannot be read
   */
  public static FileHoles open(Path file) {
    return new FileHoles(FileDescriptors.open(file, READ_ONLY));
  }

  /**
   * The first offset from this one on that is not in a hole; the length of the file if there is
   * none before its end.
   *
   * @return less than the offset if the file is not that long
   */
  @Override
  public long nextData(long offset) {
    long found = Libc.lseek(descriptor, offset, SEEK_DATA);
    if (found == -Errno.ENXIO) {
      return Math.max(0, Libc.lseek(descriptor, 0, SEEK_END));
    }
    return found < 0 ? offset : found;
  }

  /**
   * The first offset from this one on that is in a hole: the end of the file is the start of one.
   *
   * @return {@link Long#MAX_VALUE} if the file is not that long
   */
  @Override
  public long nextHole(long offset) {
    long found = Libc.lseek(descriptor, offset, SEEK_HOLE);
    return found < 0 ? Long.MAX_VALUE : found;
  }

  /**
   * Reads (pread(2)), which gives no memory to holes.
   *
   * @return the bytes read; 0 at the end of the file; a negated errno
   */
  long read(MemorySegment into, long lengthBytes, long offset) {
    return Libc.pread(descriptor, into.address(), lengthBytes, offset);
  }

  @Override
  public void close() {
    FileDescriptors.close(descriptor);
  }
}
