package io.faultline.cli.output;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Why a file cannot be written, in words. */
final class FileProblem {
  static final String IS_DIRECTORY = "it is a directory";

  /** The words of the C library for ENOSPC and EDQUOT. */
  private static final String FULL = "no space left";

  private static final String QUOTA = "quota exceeded";

  private FileProblem() {}

  /** The reason. */
  static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> "there is no " + missing.getFile();
      case NotDirectoryException file -> file.getFile() + " is not a directory";
      case AccessDeniedException denied -> "permission denied: " + denied.getFile();
      case FileSystemException other -> text(other.getReason(), other);
      default -> text(e.getMessage(), e);
    };
  }

  /** The reason, and what the user can do about it before anything starts. */
  static String reasonAndRemedy(IOException e) {
    String reason = reason(e);
    if (e instanceof NoSuchFileException) {
      return reason + "; create it, or name another file";
    }
    if (reason.equals(IS_DIRECTORY)) {
      return reason + "; name a file in it";
    }
    return reason
        + (isFull(reason) ? "; free some space, or name another file" : "; name another file");
  }

  private static boolean isFull(String reason) {
    String text = reason.toLowerCase(Locale.ROOT);
    return text.contains(FULL) || text.contains(QUOTA);
  }

  private static String text(@Nullable String text, IOException e) {
    return text == null || text.isBlank() ? e.toString() : text.strip();
  }
}
