package io.faultline.snapshot.file;

import java.nio.file.Path;

/** A snapshot cannot be read, written or taken. The message is complete: show it to the user. */
public final class SnapshotException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SnapshotException(String message) {
    super(message);
  }

  public SnapshotException(String message, Throwable cause) {
    super(message, cause);
  }

  /** A file that is no whole snapshot. */
  static SnapshotException damaged(Path file, String what) {
    return new SnapshotException(file + " is not a whole snapshot: " + what);
  }
}
