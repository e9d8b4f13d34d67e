package io.faultline.snapshot.file;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.DirectFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file that is written as {@code NAME.new}, locked meanwhile, and gets its name once it is
 * complete and durable. One that a process has left when it died is removed by the next.
 */
final class FreshFile implements AutoCloseable {
  private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path place;
  private final Path fresh;
  private final DirectFile file;
  private boolean published;
  private boolean closed;

  private FreshFile(Path place, Path fresh, DirectFile file) {
    this.place = place;
    this.fresh = fresh;
    this.file = file;
  }

  /**
   * @throws SnapshotException if it cannot be created, or is being written
   */
  static FreshFile create(Path name) {
    Path place = name.toAbsolutePath().normalize();
    if (Files.isDirectory(place)) {
      throw new SnapshotException(place + " is a directory: name a file");
    }
    Path fresh = place.resolveSibling(place.getFileName() + ".new");
    try {
      removeLeft(fresh);
      Files.createFile(fresh, PRIVATE);
    } catch (IOException e) {
      throw notCreated(place, reason(e), e);
    }
    return new FreshFile(place, fresh, lock(fresh, open(place, fresh)));
  }

  private static DirectFile open(Path place, Path fresh) {
    try {
      return DirectFile.openExisting(fresh, SnapshotHeader.SIZE_BYTES);
    } catch (SystemCallException e) {
      throw notCreated(place, Errno.name(e.errno()), e);
    }
  }

  private static DirectFile lock(Path fresh, DirectFile file) {
    if (!file.tryLock()) {
      file.close();
      throw new SnapshotException(
          fresh + " is being written by another snapshot: wait for it, or name another file");
    }
    return file;
  }

  /** A file that can be locked has no writer any more. */
  private static void removeLeft(Path fresh) throws IOException {
    if (Files.isRegularFile(fresh)) {
      DirectFile left = lock(fresh, open(fresh, fresh));
      try {
        Files.deleteIfExists(fresh);
      } finally {
        left.close();
      }
    }
  }

  private static SnapshotException notCreated(Path place, String reason, Exception cause) {
    return new SnapshotException("no snapshot can be written to " + place + ": " + reason, cause);
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "its directory does not exist: create it";
      case AccessDeniedException denied -> "this user may not create files in its directory";
      case FileAlreadyExistsException exists -> exists.getFile() + " exists: remove it";
      default -> String.valueOf(e.getMessage());
    };
  }

  /** The name that it will have. */
  Path place() {
    return place;
  }

  /**
   * Writes everything.
   *
   * @throws IOException with the offset and the errno, such as ENOSPC
   */
  void write(long offset, long address, long bytes) throws IOException {
    file.write(offset, address, bytes);
  }

  /** Makes it durable, then renames it, then makes its name durable. */
  void publish() throws IOException {
    file.sync();
    Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    published = true;
    Path parent = place.getParent();
    if (parent != null) {
      try (FileChannel directory = FileChannel.open(parent, StandardOpenOption.READ)) {
        directory.force(true);
      }
    }
  }

  /** Closes it; removes it unless it has been published. Idempotent. */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try {
      if (!published) {
        Files.deleteIfExists(fresh);
      }
    } finally {
      file.close();
    }
  }
}
