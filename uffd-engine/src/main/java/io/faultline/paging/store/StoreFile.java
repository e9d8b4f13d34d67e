package io.faultline.paging.store;

import io.faultline.paging.PagingException;
import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.DirectFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.function.Supplier;

/** Opens and locks the files of stores, with errors that say what to do. */
final class StoreFile {
  /** The unit of direct transfers. */
  static final int PAGE_BYTES = 4096;

  private static final int ZEROS_BYTES = 64 << 10;
  private static final MemorySegment ZEROS = Arena.global().allocate(ZEROS_BYTES, PAGE_BYTES);

  private StoreFile() {}

  /** Opens a file that exists, and locks it. */
  static DirectFile open(Path path) {
    return lock(path, open(path, () -> DirectFile.openExisting(path, PAGE_BYTES)));
  }

  /** Opens a file, or creates an empty one, and locks it. */
  static DirectFile create(Path path) {
    return lock(path, open(path, () -> DirectFile.open(path, PAGE_BYTES)));
  }

  /** Opens a file for reading, and locks it against those who write. */
  static DirectFile openReadOnly(Path path) {
    return lock(path, open(path, () -> DirectFile.openReadOnly(path, PAGE_BYTES)));
  }

  private static DirectFile open(Path path, Supplier<DirectFile> opening) {
    try {
      return opening.get();
    } catch (SystemCallException e) {
      throw new PagingException(
          path + " cannot be opened: " + Errno.name(e.errno()) + ": " + reason(e.errno()), e);
    }
  }

  /** What an errno of open(2) means for a store, and what to do. */
  static String reason(int errno) {
    return switch (errno) {
      case Errno.EISDIR -> "it is a directory: name a file, or use sparse files";
      case Errno.ENOENT -> "it does not exist: create it, or give its size to have it created";
      case Errno.ENOTDIR -> "a part of its path is no directory: correct the path";
      case Errno.EACCES, Errno.EPERM ->
          "this user may not: change its permissions, or open it read-only";
      case Errno.EROFS -> "its file system is read-only: open it read-only";
      case Errno.ETXTBSY -> "it is a program that runs: use another file";
      case Errno.EMFILE -> "this process has too many open files: raise its limit (ulimit -n)";
      case Errno.ENXIO, Errno.ENODEV -> "it is a device or socket that cannot be paged from";
      default -> "use a file or a block device";
    };
  }

  private static DirectFile lock(Path path, DirectFile file) {
    if (!file.tryLock()) {
      String holder = LockHolder.describe(path);
      file.close();
      throw new PagingException(
          path
              + " is in use by another pager"
              + holder
              + ": close that one, or use a file of its own");
    }
    return file;
  }

  /** The length of a file; a file that has none is closed. */
  static long sizeBytes(DirectFile file) {
    try {
      return file.sizeBytes();
    } catch (SystemCallException e) {
      file.close();
      throw new PagingException(
          file + " has no length: it is neither a file nor a block device", e);
    }
  }

  /** Makes a range read as zeros: a hole, where the file system or device can. */
  static void clear(DirectFile file, long offset, long lengthBytes) throws IOException {
    if (file.punchHole(offset, lengthBytes)) {
      return;
    }
    for (long done = 0; done < lengthBytes; done += ZEROS_BYTES) {
      long part = Math.min(ZEROS_BYTES, lengthBytes - done);
      file.write(offset + done, ZEROS.address(), part);
    }
  }
}
