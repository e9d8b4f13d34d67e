package io.faultline.restore.image;

import java.io.IOException;
import java.nio.file.Path;

/**
 * An image file is missing, damaged, or of a kind that is not supported. The message is one line
 * for the user: which file, what is wrong, what to do.
 */
public final class ImageException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What helps against damage on the way. */
  static final String COPY_AGAIN = "copy the images again, or dump the process again";

  ImageException(Path file, String problem, String remedy) {
    super(file + ": " + problem + ": " + remedy);
  }

  ImageException(Path file, String problem, String remedy, Throwable cause) {
    super(file + ": " + problem + ": " + remedy, cause);
  }

  /** A file whose contents contradict themselves. */
  static ImageException damaged(Path file, String problem) {
    return new ImageException(file, problem, COPY_AGAIN);
  }
}
